import { expect, test } from 'vitest';
import { centsFromDollars, centsText } from './cents.ts';

test.each([
  ['25', 2500],
  ['$12.5', 1250],
  [' 1,000.05 ', 100_005],
  ['0.29', 29],
])('%j is %i cents', (text, cents) => {
  expect(centsFromDollars(text)).toBe(cents);
});

test.each(['', 'x', '1.005', '-5', '1e3', '12345678', '.5', '5.'])('%j is no amount', (text) => {
  expect(centsFromDollars(text)).toBeNull();
});

test('cents are written as dollars', () => {
  expect([centsText(1050), centsText(80), centsText(1_000_000)]).toEqual(['$10.50', '$0.80', '$10,000.00']);
});

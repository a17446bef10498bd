import { expect, test } from 'vitest';
import { dollarLimit, keyName } from './fields.ts';

test.each([
  ['  Production  ', 'Production'],
  ['Cafe\u0301', 'Café'],
  ['数据 team/1', '数据 team/1'],
])('the name %j is kept as %j', (text, name) => {
  expect(keyName.parse(text)).toBe(name);
});

test.each(['', '   ', 'a'.repeat(101), 'a\u202eb', 'a\u200bb', 'a\nb', 'a\u0000b', null, 7])(
  '%j is no name',
  (text) => {
    expect(keyName.safeParse(text).success).toBe(false);
  },
);

test.each([
  ['25', 25_000_000_000n],
  ['$2.50', 2_500_000_000n],
  [' 1,000.000001 ', 1_000_000_001_000n],
  ['0.000000001', 1n],
])('the limit %j is exact', (text, amount) => {
  expect(dollarLimit.parse(text)).toBe(amount);
});

test.each(['', '0', '0.00', '-1', '1e3', '1,00', 'ten', '1.0000000001', '99999999', '٣', '1 000'])(
  '%j is no limit',
  (text) => {
    expect(dollarLimit.safeParse(text).success).toBe(false);
  },
);

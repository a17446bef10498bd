import { expect, test } from 'vitest';
import { formatAmount } from './checkout-page.ts';

test.each([
  [2_110, 'usd', '$21.10'],
  [50, 'eur', '€0.50'],
  [500, 'jpy', '¥500'],
  [123_456_789, 'usd', '$1,234,567.89'],
])('%i %s is shown as %s', (amount, currency, shown) => {
  expect(formatAmount(amount, currency)).toBe(shown);
});

import { dearestPrice } from '@bourse/billing';
import type { PriceSheet } from '@bourse/catalog';
import { type Meter, unitMeters } from '@bourse/generation';
import { chargeTotal, picodollarsPerUnit } from '@bourse/money';

const NO_PRICE = picodollarsPerUnit(0n);

/**
 * One number to compare endpoints by: what the customer would pay for a thousand calls of 3,000 input and 1,000 output tokens each (3 : 1 is
 * the usual blend of a chat) and one of each unit, request fees and markup included, at the base tier. In nanodollars, but only its ratios
 * matter.
 */
export function blendedPrice(sheet: PriceSheet, markupBps: number): number {
  const priceOf = (meter: Meter) => dearestPrice(sheet, meter, 0) ?? NO_PRICE;
  const lines = [
    { quantity: 3_000_000, price: priceOf('input') },
    { quantity: 1_000_000, price: priceOf('output') },
    { quantity: 1_000, price: priceOf('request') },
    ...unitMeters.map((meter) => ({ quantity: 1_000, price: priceOf(meter) })),
  ];
  return Number(chargeTotal(lines, markupBps));
}

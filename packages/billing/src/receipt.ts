import { invariant } from '@bourse/errors';
import { isJsonObject, type Meter, meters } from '@bourse/generation';
import { picodollarsPerUnit } from '@bourse/money';
import type { PricedLine } from './price-lines.ts';

/** A priced line as JSON stores it: `{"meter":"input","quantity":12,"pricePicodollars":"150000","tier":0}`. */
export type ReceiptLine = {
  readonly meter: Meter;
  readonly quantity: number;
  /** A whole number of picodollars per unit as a decimal string: JSON has no integers of 64 bits. */
  readonly pricePicodollars: string;
  readonly tier: number;
};

/** Priced lines in a form that JSON columns keep exactly. */
export function serializeLines(lines: readonly PricedLine[]): ReceiptLine[] {
  return lines.map(({ meter, quantity, price, tier }) => ({
    meter,
    quantity,
    pricePicodollars: price.toString(),
    tier,
  }));
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function parseLine(value: unknown): PricedLine {
  invariant(isJsonObject(value), 'a receipt line is not an object');
  const { meter: name, quantity, pricePicodollars, tier } = value;
  const meter = meters.find((known) => known === name);
  invariant(meter !== undefined, `a receipt line has the unknown meter ${JSON.stringify(name)}`);
  invariant(isCount(quantity) && isCount(tier), `the receipt line of ${meter} has an impossible count`);
  invariant(
    typeof pricePicodollars === 'string' && /^\d{1,18}$/.test(pricePicodollars),
    `the receipt line of ${meter} has the impossible price ${JSON.stringify(pricePicodollars)}`,
  );
  return { meter, quantity, price: picodollarsPerUnit(BigInt(pricePicodollars)), tier };
}

/** The inverse of `serializeLines`. Throws a masked invariant failure for anything that `serializeLines` cannot have written. */
export function parseLines(value: unknown): readonly PricedLine[] {
  invariant(Array.isArray(value), 'a receipt is not a list of lines');
  return value.map(parseLine);
}

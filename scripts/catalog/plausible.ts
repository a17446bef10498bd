/** Dollars per million tokens, as a source quotes them. */
export interface Quote {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
}

/** How far a quote may lie from the middle of what others ask for the same model. */
const FURTHEST = 5;
/** Answers cost more than prompts, but never this much more: a price of the cheapest hour, or of a cache, stands where the price of prompts should. */
const STEEPEST = 25;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (low + high) / 2;
}

/**
 * Why a quote is not believed, or null. `others` are quotes for the same model, from other providers and other sources; two or more of them make a middle.
 * What is not believed is not sold: a price that is too low would be paid by the market.
 */
export function doubt(quote: Quote, others: readonly Quote[]): string | null {
  if (!Number.isFinite(quote.input) || !Number.isFinite(quote.output)) return 'a price is not a number';
  if (quote.input <= 0 || quote.output <= 0) return 'a price is zero';
  if (quote.output > quote.input * STEEPEST)
    return `output costs ${(quote.output / quote.input).toFixed(0)} times input`;
  if (quote.cacheRead > quote.input) return 'reading from the cache costs more than not to';
  if (others.length < 2) return null;
  for (const meter of ['input', 'output'] as const) {
    const middle = median(others.map((other) => other[meter]));
    const times = quote[meter] / middle;
    if (times > FURTHEST || times < 1 / FURTHEST)
      return `${meter} costs ${quote[meter]} where others ask ${middle.toPrecision(3)}`;
  }
  return null;
}

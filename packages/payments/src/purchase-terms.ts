/** The smallest purchase in cents ($5): below it the minimum fee would be most of the price. */
export const PURCHASE_CENTS_MIN = 500;

/** The largest single purchase in cents ($10,000). */
export const PURCHASE_CENTS_MAX = 1_000_000;

/** The least fee on a purchase in cents ($0.80): what a card payment costs us whatever its size. */
export const PURCHASE_FEE_CENTS_MIN = 80;

/** The only currency that credits are sold in, as lower-case ISO 4217. */
export const PURCHASE_CURRENCY = 'usd';

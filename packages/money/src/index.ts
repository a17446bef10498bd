/**
 * @bourse/money — floor 0. Owns the two money units, the one multiplication and rounding, parsing and exact formatting.
 * Refuses: floats for amounts, currencies other than USD, any I/O. Only this package makes branded amounts.
 */
export { type ChargeLine, chargeTotal, costTotal, feeTotal } from './charge-total.ts';
export { formatUsd, nanodollarsFromUsd, nanodollarsFromUsdNumber, usdNumber } from './format-usd.ts';
export { type ItemizedCharge, type ItemizedLine, itemizeCharge } from './itemize-charge.ts';
export {
  formatUsdPerMillion,
  formatUsdPerUnit,
  picodollarsFromUsdPerMillion,
  picodollarsFromUsdPerUnit,
} from './price.ts';
export { feeForPurchase, nanodollarsFromCents, type PurchaseFeeRule } from './purchase.ts';
export { ceilDivide, type Nanodollars, nanodollars, type PicodollarsPerUnit, picodollarsPerUnit } from './units.ts';

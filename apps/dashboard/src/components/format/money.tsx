import { formatUsd, type Nanodollars } from '@bourse/money';
import { dollars, leadingFractionZeros, roundDecimal, trimFraction } from './decimal.ts';

/** Digits that say enough about a charge below one cent: "$0.0004213". */
const SIGNIFICANT_BELOW_CENT = 4;

/**
 * An amount as text. Cents from one cent up (`$12.05`); four significant digits below, because a charge of $0.0004213 is not
 * "$0.00". With `exact` every digit, as ledgers and receipts want it.
 */
export function moneyText(amount: Nanodollars, { exact = false }: { exact?: boolean } = {}): string {
  const decimal = formatUsd(amount);
  if (exact) return dollars(trimFraction(decimal, 2));
  const zeros = leadingFractionZeros(decimal);
  const isBelowCent = zeros >= 2 && amount !== 0n;
  if (!isBelowCent) return dollars(roundDecimal(decimal, 2));
  return dollars(trimFraction(roundDecimal(decimal, zeros + SIGNIFICANT_BELOW_CENT), 2));
}

/** An amount of money. The exact amount is in its title. */
export function Money({ amount, exact = false }: { amount: Nanodollars; exact?: boolean }) {
  return (
    <data className="numeric" title={moneyText(amount, { exact: true })} value={formatUsd(amount)}>
      {moneyText(amount, { exact })}
    </data>
  );
}

import { nanodollarsFromCents } from '@bourse/money';
import { moneyText } from '../format/money.tsx';

/** Cents from what people type as dollars ("25", "$12.50"); null when it is no amount. */
export function centsFromDollars(text: string): number | null {
  const [, whole, fraction = ''] = /^\$?(\d{1,6})(?:\.(\d{1,2}))?$/.exec(text.trim().replaceAll(',', '')) ?? [];
  return whole === undefined ? null : Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}

/** Cents as dollars: 1050 is "$10.50". */
export function centsText(cents: number): string {
  return moneyText(nanodollarsFromCents(cents), { exact: true });
}

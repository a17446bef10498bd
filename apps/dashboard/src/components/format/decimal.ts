/** A decimal string in parts: "-12.050" is { isNegative: true, whole: "12", fraction: "050" }. */
type DecimalParts = { isNegative: boolean; whole: string; fraction: string };

function partsOf(decimal: string): DecimalParts {
  const isNegative = decimal.startsWith('-');
  const [whole = '0', fraction = ''] = (isNegative ? decimal.slice(1) : decimal).split('.');
  return { isNegative, whole, fraction };
}

/** Whole numbers in groups of three: "1234567" is "1,234,567". */
export function groupDigits(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/**
 * Rounds an exact decimal string half away from zero, to so many digits after the point, on the digits themselves: amounts never
 * become floating-point numbers, not even to be read.
 */
export function roundDecimal(decimal: string, fractionDigits: number): string {
  const { isNegative, whole, fraction } = partsOf(decimal);
  const kept = fraction.slice(0, fractionDigits).padEnd(fractionDigits, '0');
  const roundsUp = (fraction.charAt(fractionDigits) || '0') >= '5';
  const digits = (BigInt(whole + kept) + (roundsUp ? 1n : 0n)).toString().padStart(fractionDigits + 1, '0');
  const cut = digits.length - fractionDigits;
  const text = fractionDigits === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return isNegative && /[1-9]/.test(text) ? `-${text}` : text;
}

/** How many zeros stand directly after the point of a number below 1; 0 for all others. */
export function leadingFractionZeros(decimal: string): number {
  const { whole, fraction } = partsOf(decimal);
  if (/[1-9]/.test(whole)) return 0;
  return /^0*/.exec(fraction)?.[0].length ?? 0;
}

/** Removes zeros at the end of the fraction, but keeps at least `least` digits after the point. */
export function trimFraction(decimal: string, least: number): string {
  const { isNegative, whole, fraction } = partsOf(decimal);
  const trimmed = fraction.replace(/0+$/, '').padEnd(least, '0');
  return `${isNegative ? '-' : ''}${whole}${trimmed === '' ? '' : `.${trimmed}`}`;
}

/** Dollars with a sign and groups of three, from a plain decimal string: "-1234.5" is "−$1,234.5". */
export function dollars(decimal: string): string {
  const { isNegative, whole, fraction } = partsOf(decimal);
  return `${isNegative ? '−' : ''}$${groupDigits(whole)}${fraction === '' ? '' : `.${fraction}`}`;
}

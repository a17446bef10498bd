const compact = new Intl.NumberFormat('en-US', {
  notation: 'compact',
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});
const whole = new Intl.NumberFormat('en-US');

/** A count, short and always with three digits, so that columns line up: 1_234_567n is "1.23M". Below 1000 it is complete. */
export function compactCount(count: bigint | number): string {
  return count < 1000 ? whole.format(count) : compact.format(count);
}

/** A count of tokens (or requests): short in the text, complete in the title. */
export function Tokens({ count }: { count: bigint | number }) {
  return (
    <data className="numeric" title={whole.format(count)} value={String(count)}>
      {compactCount(count)}
    </data>
  );
}

/** A count in full: 1,234,567. */
export function Count({ count }: { count: bigint | number }) {
  return (
    <data className="numeric" value={String(count)}>
      {whole.format(count)}
    </data>
  );
}

/**
 * The size of a context window as people name it. Sizes are round thousands or multiples of 1024, so both 128000 and 131072 are
 * "128K", and 1048576 is "1M".
 */
export function contextText(tokens: number): string {
  const step = tokens % 1000 !== 0 && tokens % 1024 === 0 ? 1024 : 1000;
  if (tokens >= step * step) return `${trimmed(tokens / (step * step))}M`;
  if (tokens >= 1000) return `${trimmed(tokens / step)}K`;
  return String(tokens);
}

function trimmed(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0).replace(/\.0$/, '');
}

/** The size of a context window. */
export function ContextTokens({ count }: { count: number }) {
  return (
    <data className="numeric" title={`${whole.format(count)} tokens`} value={String(count)}>
      {contextText(count)}
    </data>
  );
}

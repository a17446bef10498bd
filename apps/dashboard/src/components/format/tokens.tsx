const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
const whole = new Intl.NumberFormat('en-US');

/** A count, short: 1_234_567n is "1.23M". */
export function compactCount(count: bigint | number): string {
  return compact.format(count);
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
 * The size of a context window as people name it. Sizes are powers of two or round thousands, so both 131072 and 128000 are
 * "128K", and 1048576 is "1M".
 */
export function contextText(tokens: number): string {
  const step = tokens % 1024 === 0 ? 1024 : 1000;
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

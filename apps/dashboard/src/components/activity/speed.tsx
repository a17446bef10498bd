import { Unknown } from '../format/price-per-million.tsx';
import { compactCount } from '../format/tokens.tsx';

/**
 * Tokens per second while they were written; null when there was too little to time. An answer in one piece shows no first token, so
 * its waiting time counts as writing (`latencyMs` is then part of it).
 */
export function tokensPerSecond(measured: {
  outputTokens: number;
  generationMs: number | null;
  latencyMs?: number | null;
  isStreamed?: boolean;
}): number | null {
  const { outputTokens, generationMs, latencyMs = null, isStreamed = true } = measured;
  if (generationMs === null || outputTokens < 2) return null;
  const writingMs = isStreamed ? generationMs : generationMs + (latencyMs ?? 0);
  return writingMs <= 0 ? null : (outputTokens / writingMs) * 1000;
}

/** A speed in tokens per second. */
export function Speed({ perSecond }: { perSecond: number | null }) {
  if (perSecond === null) return <Unknown />;
  return (
    <span className="numeric whitespace-nowrap">
      {perSecond < 10 ? perSecond.toFixed(1) : compactCount(Math.round(perSecond))}{' '}
      <span className="text-subtle-foreground">tok/s</span>
    </span>
  );
}

/** A duration: 340 is "340 ms", 12_400 is "12.4 s". */
export function Duration({ ms }: { ms: number | null }) {
  if (ms === null) return <Unknown />;
  return <span className="numeric whitespace-nowrap">{ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`}</span>;
}

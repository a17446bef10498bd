import { Unknown } from '../format/price-per-million.tsx';

/** Tokens per second from the first token to the last; null when there was too little to time. */
export function tokensPerSecond(measured: { outputTokens: number; generationMs: number | null }): number | null {
  const { outputTokens, generationMs } = measured;
  if (generationMs === null || generationMs <= 0 || outputTokens < 2) return null;
  return (outputTokens / generationMs) * 1000;
}

/** A speed in tokens per second. */
export function Speed({ perSecond }: { perSecond: number | null }) {
  if (perSecond === null) return <Unknown />;
  return (
    <span className="numeric whitespace-nowrap">
      {perSecond.toFixed(perSecond < 10 ? 1 : 0)} <span className="text-subtle-foreground">tok/s</span>
    </span>
  );
}

/** A duration: 340 is "340 ms", 12_400 is "12.4 s". */
export function Duration({ ms }: { ms: number | null }) {
  if (ms === null) return <Unknown />;
  return <span className="numeric whitespace-nowrap">{ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`}</span>;
}

import { currentTime } from '../clock.ts';

type Clock = () => Date;

/**
 * Keeps what `load` answers for `ttlMs`, for all visitors of this process. Concurrent calls share one load; a failed load is not
 * kept, so the next call tries again. For public facts only: the answer is the same for everybody.
 */
export function cachedFor<Value>(
  ttlMs: number,
  load: () => Promise<Value>,
  clock: Clock = currentTime,
): () => Promise<Value> {
  const byKey = cachedForEach(ttlMs, load, clock);
  return () => byKey('');
}

/** The same, one value per key. Keys must come from a small fixed set or the catalog, never from a visitor's text. */
export function cachedForEach<Key extends string, Value>(
  ttlMs: number,
  load: (key: Key) => Promise<Value>,
  clock: Clock = currentTime,
): (key: Key) => Promise<Value> {
  const kept = new Map<Key, { value: Promise<Value>; goodUntilMs: number }>();
  return (key) => {
    const nowMs = clock().getTime();
    const known = kept.get(key);
    if (known && known.goodUntilMs > nowMs) return known.value;
    const value = load(key);
    const entry = { value, goodUntilMs: nowMs + ttlMs };
    kept.set(key, entry);
    value.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return value;
  };
}

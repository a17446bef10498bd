/**
 * What `load` gave for a key within the last `keptMs`, asked for once at a time; at most `keysMax` keys are kept. A public route in front of the
 * database costs it no more than this, however often it is called. Failures are not kept.
 */
export function remembered<Value>(
  options: { readonly keptMs: number; readonly keysMax: number; readonly now: () => number },
  load: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const { keptMs, keysMax, now } = options;
  const known = new Map<string, { readonly value: Promise<Value>; readonly until: number }>();
  return (key) => {
    const entry = known.get(key);
    if (entry !== undefined && entry.until > now()) return entry.value;
    known.delete(key);
    const oldest = known.keys().next();
    if (known.size >= keysMax && !oldest.done) known.delete(oldest.value);
    const value = load(key);
    known.set(key, { value, until: now() + keptMs });
    value.catch(() => {
      if (known.get(key)?.value === value) known.delete(key);
    });
    return value;
  };
}

/**
 * A table of words that others choose. A plain object would find `constructor` and `__proto__` in every table, and what it finds there is
 * no value of ours.
 */
export function wordTable<Value>(entries: Readonly<Record<string, Value>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(entries));
}

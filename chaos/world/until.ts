/** Resolves after so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls until the condition holds; throws with the last value after the deadline. */
export async function until<Value>(
  read: () => Promise<Value> | Value,
  holds: (value: Value) => boolean,
  wait: { readonly what: string; readonly ms: number },
): Promise<Value> {
  const deadline = performance.now() + wait.ms;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > deadline)
      throw new Error(`${wait.what}: not within ${wait.ms} ms, at last ${String(value)}`);
    await pause(25);
  }
}

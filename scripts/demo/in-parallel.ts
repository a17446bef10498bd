/** Works through a list with so many at a time. Rejects with the first failure, after which nothing new is begun. */
export async function inParallel<Value>(
  values: readonly Value[],
  width: number,
  work: (value: Value) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const value = values[next];
      next += 1;
      if (value === undefined) return;
      try {
        await work(value);
      } catch (error) {
        next = values.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}

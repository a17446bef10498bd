/** What `work` comes to, or `late` when it takes longer than `ms`; it goes on all the same. Rejects as the work does, if it does in time. */
export async function within<Value, Late>(work: Promise<Value>, ms: number, late: Late): Promise<Value | Late> {
  const lateness = Promise.withResolvers<Late>();
  const timer = setTimeout(() => lateness.resolve(late), ms);
  try {
    return await Promise.race([work, lateness.promise]);
  } finally {
    clearTimeout(timer);
  }
}

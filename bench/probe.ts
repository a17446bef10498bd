// Loaded with --import into every measured process, ours and the gateway's alike: answers the parent's questions about this
// process, and costs nothing between them.

/** What a process says of itself. CPU in microseconds since its start, all threads; memory in bytes. */
export interface Vitals {
  readonly cpuMicros: number;
  readonly residentBytes: number;
  /** Heap and buffers that survive a full collection; only when asked for with `gc`. */
  readonly liveBytes: number;
}

function vitals(withGc: boolean): Vitals {
  // Twice: what the first one finalizes, the second one frees.
  if (withGc) for (let round = 0; round < 2; round += 1) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { cpuMicros: user + system, residentBytes: rss, liveBytes: heapUsed + external };
}

process.on('message', (message) => {
  if (message === 'vitals' || message === 'vitals-gc') process.send?.({ vitals: vitals(message === 'vitals-gc') });
});
process.channel?.unref();
// Nobody is left to measure for, or to stop us.
process.on('disconnect', () => process.exit(1));

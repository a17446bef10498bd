// Loaded with --import before a gateway under proof: tells the parent what the process holds, when it is asked.

/** What a gateway process holds. Bytes are counted after a full collection. */
export interface Probe {
  readonly residentBytes: number;
  readonly heapBytes: number;
  /** Active resources by kind, e.g. `Timeout`, `TCPSocketWrap`. */
  readonly resources: Readonly<Record<string, number>>;
  /** What its sockets were given and could not hand to the kernel. */
  readonly unsentBytes: number;
}

function unsent(): number {
  // Undocumented, and the only list of sockets that there is.
  const handles: unknown = Reflect.get(process, '_getActiveHandles')?.call(process);
  let bytes = 0;
  for (const handle of Array.isArray(handles) ? handles : []) {
    const length: unknown = handle?.writableLength;
    if (typeof length === 'number') bytes += length;
  }
  return bytes;
}

function look(): Probe {
  for (let round = 0; round < 2; round += 1) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return { residentBytes: rss, heapBytes: heapUsed + external, resources, unsentBytes: unsent() };
}

process.on('message', (message) => {
  if (message === 'probe') process.send?.({ probe: look() });
});
process.channel?.unref();
// Nobody is left to answer, or to stop us.
process.on('disconnect', () => process.exit(1));

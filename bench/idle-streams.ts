import type { BenchMarket, Target } from './bench-market.ts';
import type { IdleOrder } from './load-plan.ts';

/** Memory per open stream that has said its first words and fell silent. Bytes. */
export interface IdleMemory {
  readonly target: string;
  readonly streams: number;
  /** Heap and buffers after a full collection: what a stream really holds. */
  readonly liveBytesPerStream: number;
  /** What the system counts; includes what the collector has not given back. */
  readonly residentBytesPerStream: number;
}

/** Opens `count` streams at once, measures, and has the upstream finish them. */
export async function measureIdleStreams(market: BenchMarket, target: Target, count: number): Promise<IdleMemory> {
  const before = await target.process.vitals({ withGc: true });
  const open: IdleOrder = { kind: 'open', url: target.url, key: market.key, model: market.model, count };
  await market.load.ask(open, 'result');
  const after = await target.process.vitals({ withGc: true });
  const finish: IdleOrder = { kind: 'finish' };
  await market.upstream.process.ask('finish', 'finished');
  await market.load.ask(finish, 'result');
  return {
    target: target.process.name,
    streams: count,
    liveBytesPerStream: (after.liveBytes - before.liveBytes) / count,
    residentBytesPerStream: (after.residentBytes - before.residentBytes) / count,
  };
}

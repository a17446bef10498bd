import type { BenchMarket, Target } from './bench-market.ts';
import type { LoadOrder, LoadResult } from './load-plan.ts';
import { readPostgresCpu } from './postgres-cpu.ts';
import { median, percentile } from './statistics.ts';

/** Something to measure. `chunksPerRequest` > 0 also gives the price of one paced chunk. */
export interface Scenario {
  readonly name: string;
  readonly isStreamed: boolean;
  readonly play: LoadOrder['play'];
  readonly concurrency: number;
  /** Requests in a round. */
  readonly count: number;
  readonly warmUp: number;
  readonly rounds: number;
  readonly chunksPerRequest: number;
}

/** CPU in microseconds per request; null where it cannot be read. Medians of the rounds, but for `cpuMicrosLeast`. */
export interface Cost {
  readonly target: string;
  readonly cpuMicros: number;
  /** Of the round that was disturbed least: a busy machine only ever adds to it. */
  readonly cpuMicrosLeast: number;
  readonly upstreamCpuMicros: number;
  readonly loadCpuMicros: number;
  readonly postgresCpuMicros: number | null;
  readonly requestsPerSecond: number;
  readonly residentBytes: number;
}

export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly relay: Cost;
  readonly bourse: Cost;
  /** Bourse's gateway process over the relay's, by the medians. */
  readonly ratio: number;
  /** The same by the least disturbed rounds: what a bound is checked against. */
  readonly ratioLeast: number;
  /** The gateway and PostgreSQL together over the relay, by the medians. */
  readonly ratioAll: number;
}

/** Milliseconds to the last byte at concurrency 1, and what the target adds to asking the upstream itself. */
export interface Latency {
  readonly target: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly addedP50Ms: number;
  readonly addedP99Ms: number;
}

/** The sum of all costs that answers named, to be compared with the books. */
export class Till {
  #sum = 0n;

  get sum(): bigint {
    return this.#sum;
  }

  add(costNanodollars: string): void {
    this.#sum += BigInt(costNanodollars);
  }
}

function isResult(value: unknown): value is LoadResult {
  return typeof value === 'object' && value !== null && 'latenciesMs' in value && 'wrong' in value;
}

/** Charges reach the database a moment after their answers: whoever asks for the credits waits for them, and so does the clock of a round. */
async function untilBooked(market: BenchMarket): Promise<void> {
  const headers = { authorization: `Bearer ${market.key}` };
  const { status } = await fetch(`${market.bourse.url}/api/v1/credits`, { headers });
  if (status !== 200) throw new Error(`The credits cannot be read: ${status}.`);
}

/** Sends a load and puts what it cost into the till. Throws when an answer is wrong: a fast wrong answer measures nothing. */
export async function sendLoad(
  market: BenchMarket,
  till: Till,
  input: { target: Target; scenario: Pick<Scenario, 'isStreamed' | 'play' | 'concurrency' | 'count'> },
): Promise<LoadResult> {
  const { target, scenario } = input;
  const order: LoadOrder = {
    kind: 'run',
    url: target.url,
    key: market.key,
    model: market.model,
    isStreamed: scenario.isStreamed,
    play: scenario.play,
    concurrency: scenario.concurrency,
    count: scenario.count,
    expectsCost: target.isPriced,
  };
  const result = await market.load.ask(order, 'result');
  if (!isResult(result)) throw new Error('The load answered with something else than a result.');
  if (result.wrong.length > 0)
    throw new Error(`${target.process.name} answered wrongly:\n  ${result.wrong.join('\n  ')}`);
  till.add(result.costNanodollars);
  if (target.isPriced) await untilBooked(market);
  return result;
}

async function readClocks(market: BenchMarket, target: Target) {
  const [own, upstream, load] = await Promise.all([
    target.process.vitals(),
    market.upstream.process.vitals(),
    market.load.vitals(),
  ]);
  return { own, upstream, load, postgres: readPostgresCpu(market.postgresDataDir) };
}

async function measureRound(
  market: BenchMarket,
  till: Till,
  input: { target: Target; scenario: Scenario },
): Promise<Cost> {
  const { target, scenario } = input;
  const before = await readClocks(market, target);
  const { seconds } = await sendLoad(market, till, input);
  const after = await readClocks(market, target);
  const each = (from: number, to: number) => (to - from) / scenario.count;
  const postgres =
    target.isPriced && before.postgres !== null && after.postgres !== null
      ? each(before.postgres, after.postgres)
      : null;
  const cpuMicros = each(before.own.cpuMicros, after.own.cpuMicros);
  return {
    target: target.process.name,
    cpuMicros,
    cpuMicrosLeast: cpuMicros,
    upstreamCpuMicros: each(before.upstream.cpuMicros, after.upstream.cpuMicros),
    loadCpuMicros: each(before.load.cpuMicros, after.load.cpuMicros),
    postgresCpuMicros: postgres,
    requestsPerSecond: scenario.count / seconds,
    residentBytes: after.own.residentBytes,
  };
}

function medianCost(costs: readonly Cost[]): Cost {
  const of = (read: (cost: Cost) => number) => median(costs.map(read));
  return {
    target: costs[0]?.target ?? '',
    cpuMicros: of((cost) => cost.cpuMicros),
    cpuMicrosLeast: Math.min(...costs.map((cost) => cost.cpuMicrosLeast)),
    upstreamCpuMicros: of((cost) => cost.upstreamCpuMicros),
    loadCpuMicros: of((cost) => cost.loadCpuMicros),
    postgresCpuMicros: costs[0]?.postgresCpuMicros === null ? null : of((cost) => cost.postgresCpuMicros ?? Number.NaN),
    requestsPerSecond: of((cost) => cost.requestsPerSecond),
    residentBytes: of((cost) => cost.residentBytes),
  };
}

/** Relay and Bourse in turns, after a warm-up of both, so that a change of the machine's mood meets both. */
export async function measureScenario(market: BenchMarket, till: Till, scenario: Scenario): Promise<ScenarioResult> {
  const targets = [market.relay, market.bourse];
  const costs = new Map<Target, Cost[]>(targets.map((target) => [target, []]));
  for (const target of targets) {
    await sendLoad(market, till, { target, scenario: { ...scenario, count: scenario.warmUp } });
  }
  for (let round = 0; round < scenario.rounds; round += 1) {
    for (const target of targets) costs.get(target)?.push(await measureRound(market, till, { target, scenario }));
  }
  const relay = medianCost(costs.get(market.relay) ?? []);
  const bourse = medianCost(costs.get(market.bourse) ?? []);
  return {
    scenario,
    relay,
    bourse,
    ratio: bourse.cpuMicros / relay.cpuMicros,
    ratioLeast: bourse.cpuMicrosLeast / relay.cpuMicrosLeast,
    ratioAll: (bourse.cpuMicros + (bourse.postgresCpuMicros ?? 0)) / relay.cpuMicros,
  };
}

/** One reader at a time, in short blocks: upstream, relay, Bourse, upstream, ... */
export async function measureLatency(
  market: BenchMarket,
  till: Till,
  options: { readonly isStreamed: boolean; readonly blocks: number; readonly block: number },
): Promise<readonly Latency[]> {
  const targets = [market.upstream, market.relay, market.bourse];
  const seen = new Map<Target, number[]>(targets.map((target) => [target, []]));
  const scenario = { isStreamed: options.isStreamed, play: 'at-once', concurrency: 1, count: options.block } as const;
  for (let block = 0; block <= options.blocks; block += 1) {
    for (const target of targets) {
      const { latenciesMs } = await sendLoad(market, till, { target, scenario });
      if (block > 0) seen.get(target)?.push(...latenciesMs); // the first block warms up
    }
  }
  const at = (target: Target, part: number) => percentile(seen.get(target) ?? [], part);
  return targets.map((target) => ({
    target: target.process.name,
    p50Ms: at(target, 0.5),
    p99Ms: at(target, 0.99),
    addedP50Ms: at(target, 0.5) - at(market.upstream, 0.5),
    addedP99Ms: at(target, 0.99) - at(market.upstream, 0.99),
  }));
}

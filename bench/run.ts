import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { rootDir } from '../scripts/run/root-dir.ts';
import { CHUNKS } from './answers.ts';
import { startBenchMarket } from './bench-market.ts';
import { assertAnswersMatchBooks, assertRecordsMatchBooks } from './books.ts';
import { type IdleMemory, measureIdleStreams } from './idle-streams.ts';
import { measureLatency, measureScenario, type Scenario, type ScenarioResult, Till } from './measure.ts';
import { describeMachine, formatReport } from './report.ts';
import type { Report } from './report-shape.ts';

// `pnpm bench [--quick] [--json FILE] [--profile DIRECTORY]`: an instant upstream, a bare relay and Bourse in one run. Fails when an answer is wrong,
// when the books do not add up, or when Bourse costs more than the bound.

/** The bar of this first form, in CPU of the gateway per request that is not streamed, to that of the relay. */
const RATIO_BAR = 4;
/** The short form runs beside other tests, where both numbers swing by a half: it catches what went badly wrong, the full run judges the bar. */
const RATIO_ALARM = 10;

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    /** Where the gateway writes a V8 profile of the whole run; its numbers are then higher. */
    profile: { type: 'string' },
  },
});
const isQuick = options.quick;
const PACE_MS = 10;

const scenario = (
  name: string,
  shape: Pick<Scenario, 'isStreamed' | 'play' | 'concurrency'>,
  size: Pick<Scenario, 'count' | 'warmUp' | 'rounds'>,
): Scenario => ({ name, ...shape, ...size, chunksPerRequest: shape.play === 'paced' ? CHUNKS : 0 });

const whole = { isStreamed: false, play: 'at-once' } as const;
const burst = { isStreamed: true, play: 'at-once' } as const;
const paced = { isStreamed: true, play: 'paced' } as const;
const scenarios: readonly Scenario[] = isQuick
  ? [
      scenario('not streamed, 16 at a time', { ...whole, concurrency: 16 }, { count: 3_000, warmUp: 5_000, rounds: 3 }),
      scenario('200 chunks at once, 16', { ...burst, concurrency: 16 }, { count: 240, warmUp: 240, rounds: 3 }),
      scenario('200 chunks paced, 16', { ...paced, concurrency: 16 }, { count: 16, warmUp: 16, rounds: 1 }),
    ]
  : [
      scenario('not streamed, 16 at a time', { ...whole, concurrency: 16 }, { count: 4_000, warmUp: 8_000, rounds: 3 }),
      scenario('not streamed, 1 at a time', { ...whole, concurrency: 1 }, { count: 1_500, warmUp: 500, rounds: 3 }),
      scenario('200 chunks at once, 16', { ...burst, concurrency: 16 }, { count: 1_500, warmUp: 1_000, rounds: 3 }),
      scenario('200 chunks at once, 1', { ...burst, concurrency: 1 }, { count: 600, warmUp: 200, rounds: 3 }),
      scenario('200 chunks paced, 16', { ...paced, concurrency: 16 }, { count: 48, warmUp: 16, rounds: 3 }),
    ];

async function measureAll(startedAt: Date): Promise<Report> {
  const started = performance.now();
  await using market = await startBenchMarket({
    paceMs: PACE_MS,
    gatewayNodeArgs: options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`],
  });
  const till = new Till();
  const results: ScenarioResult[] = [];
  for (const each of scenarios) {
    process.stderr.write(`${each.name} ...\n`);
    results.push(await measureScenario(market, till, each));
  }
  process.stderr.write('latency, one at a time ...\n');
  const blocks = isQuick ? { blocks: 5, block: 30 } : { blocks: 20, block: 100 };
  const latencyNotStreamed = await measureLatency(market, till, { isStreamed: false, ...blocks });
  const latencyStreamed = isQuick ? [] : await measureLatency(market, till, { isStreamed: true, ...blocks });
  await assertAnswersMatchBooks(market, till);
  process.stderr.write('idle streams ...\n');
  const idle: IdleMemory[] = [];
  for (const target of [market.relay, market.bourse]) {
    idle.push(await measureIdleStreams(market, target, isQuick ? 200 : 500));
  }
  await assertRecordsMatchBooks(market);
  const { requests } = await market.db.generations.summary({ organizationId: market.organizationId });
  return {
    isQuick,
    ...describeMachine(),
    startedAt: startedAt.toISOString(),
    seconds: (performance.now() - started) / 1_000,
    scenarios: results,
    latencyNotStreamed,
    latencyStreamed,
    idle,
    requests,
  };
}

function writeJson(report: Report, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
}

try {
  const startedAt = new Date();
  const report = await measureAll(startedAt);
  console.log(`\n${formatReport(report)}\n`);
  const path = options.json ?? join(rootDir, 'bench/results', `${report.startedAt.replaceAll(/[:.]/g, '-')}.json`);
  writeJson(report, path);
  console.log(`Written to ${path}. The answers, the records and the ledger agree to the nanodollar.`);
  const first = report.scenarios[0]?.ratioLeast ?? Number.NaN;
  const bound = isQuick ? RATIO_ALARM : RATIO_BAR;
  if (!(first <= bound)) {
    console.error(`A request that is not streamed costs ${first.toFixed(2)}x the relay's CPU; at most ${bound}x.`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
}

import { nanodollarsFromUsd } from '@bourse/money';
import { createOrganization, createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, hi } from '../harness.ts';
import { beginStream, frames, type ScriptedProvider, startScriptedProvider } from '../scripted-provider.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { callers, having, quantile } from './load.ts';
import { sized, tell } from './size.ts';

// Five times what a gateway can do: it goes on doing what it can, says no to the rest at once, and is as before when the load is gone. The
// answers are streams of fifteen hundred chunks that come as fast as they can be sent: work enough that this process, which is provider and caller
// at once, is not the one that is overloaded. The short form has a machine that is busy with other things, so it judges only what does not depend on that.

const MS = sized({ full: 15_000, short: 2_500 });
/** As many as are never turned away, and more than one core has time for: what they get is the most that there is. */
const CLIENTS = 16;
const CHUNKS = 1_500;
const STREAM = `${frames.role}${frames.text('word ').repeat(CHUNKS)}${frames.finish}${frames.usage(10, CHUNKS)}${frames.done}`;
const isFull = sized({ full: 1, short: 0 }) === 1;
/** Of the most that was answered in a second. */
const GOODPUT_MIN = sized({ full: 80, short: 25 }) / 100;
const RECOVERY_MS = 10_000;

let database: TestDatabase;
let provider: ScriptedProvider;
let gateway: GatewayProcess;
let key: string;

beforeAll(async () => {
  [database, provider] = await Promise.all([createTestDatabase(), startScriptedProvider()]);
  provider.script = async ({ response }) => {
    beginStream(response);
    response.end(STREAM);
  };
  ({ apiKey: key } = await createOrganization(database.db, { credits: nanodollarsFromUsd('100000') }));
  gateway = await startGatewayProcess({
    databaseUrl: database.url,
    providerUrl: provider.url,
    environment: { GATEWAY_OVERLOAD_LOOP_MS: '150' },
  });
});
afterAll(async () => {
  expect(await gateway.stop()).toBe(0);
  await provider.close();
  await database.drop();
});

/** Seconds that the given share of requests with a status took at most, by the gateway's own histogram: its upper bucket. */
async function servedWithin(status: number, share: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${gateway.port}/metrics`)).text();
  const buckets = [...text.matchAll(/^bourse_request_seconds_bucket{([^}]*)} (\d+)$/gm)]
    .filter(([, labels]) => labels?.includes(`status="${status}"`))
    .map(([, labels, count]) => ({
      le: Number(/le="([^"]+)"/.exec(labels ?? '')?.[1]?.replace('+Inf', 'Infinity')),
      count: Number(count),
    }))
    .sort((a, b) => a.le - b.le);
  const all = buckets.at(-1)?.count ?? 0;
  return buckets.find(({ count }) => count >= all * share)?.le ?? Number.NaN;
}

test(
  'at five times its capacity a gateway does what it can, says no to the rest at once, and recovers when the load is gone',
  async () => {
    const load = callers({
      port: gateway.port,
      key,
      body: JSON.stringify({ ...hi, stream: true, max_tokens: 2 * CHUNKS }),
    });
    await load.closed(8, MS / 4);
    const peak = await load.closed(CLIENTS, MS);
    const perSecond = having(peak, 200).length / (MS / 1_000);
    // Each client waits for its answer, so this is all that it can.
    const startedAt = performance.now();
    const over = await load.open(perSecond * 5, MS);
    const tookMs = performance.now() - startedAt;
    const goodput = having(over, 200).length / (tookMs / 1_000);
    const told = {
      peak: `${perSecond.toFixed(0)}/s, p50 ${quantile(having(peak, 200), 0.5).toFixed(0)} ms, p99 ${quantile(having(peak, 200), 0.99).toFixed(0)} ms`,
      offered: `${((over.length / tookMs) * 1_000).toFixed(0)}/s`,
      admitted: `${goodput.toFixed(0)}/s, p50 ${quantile(having(over, 200), 0.5).toFixed(0)} ms, p99 ${quantile(having(over, 200), 0.99).toFixed(0)} ms`,
      refused: `${having(over, 503).length}, p50 ${quantile(having(over, 503), 0.5).toFixed(0)} ms and p99 ${quantile(having(over, 503), 0.99).toFixed(0)} ms at the caller, ${(await servedWithin(503, 0.99)) * 1_000} ms in the gateway`,
    };
    tell(JSON.stringify(told));
    expect(new Set(over.map(({ status }) => status))).toEqual(
      new Set(having(over, 503).length > 0 ? [200, 503] : [200]),
    );
    expect(goodput).toBeGreaterThan(perSecond * GOODPUT_MIN);
    expect(gateway.exitCode()).toBeNull();
    if (isFull) {
      expect(await servedWithin(503, 0.99)).toBeLessThanOrEqual(0.005);
    }
    const gone = performance.now();
    // Fewer than are ever turned away.
    expect((await load.closed(4, 500)).every(({ status }) => status === 200)).toBe(true);
    if (isFull) {
      await eventually(() => gateway.metric('bourse_pressure_level'), {
        holds: (level) => level === 0,
        patienceMs: RECOVERY_MS,
      });
      const seconds = (performance.now() - gone) / 1_000;
      const after = await load.closed(CLIENTS, MS);
      const again = having(after, 200).length / (MS / 1_000);
      tell(`green again after ${seconds.toFixed(1)} s, then ${again.toFixed(0)}/s`);
      expect(having(after, 200).length).toBe(after.length);
      expect(again).toBeGreaterThan(perSecond * GOODPUT_MIN);
    }
    load.close();
  },
  MS * 20 + 60_000,
);

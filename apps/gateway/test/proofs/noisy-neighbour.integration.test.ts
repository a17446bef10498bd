import { nanodollarsFromUsd } from '@bourse/money';
import { createOrganization, createTestDatabase, type TestDatabase, type TestOrganization } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hi } from '../harness.ts';
import { hello, type ScriptedProvider, startScriptedProvider } from '../scripted-provider.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { callers, having, quantile } from './load.ts';
import { sized, tell } from './size.ts';

// One organization asks for ten times what it may, another one for a little: the other one must not feel it. The short form has a machine that is
// busy with other things, so it judges the answers, and of the times only that they are of the same order.

const MS = sized({ full: 20_000, short: 2_500 });
/** What the noisy one may ask, and what it asks. */
const RPM = 1_200;
const NOISE_PER_SECOND = (RPM / 60) * 10;
const QUIET_CLIENTS = 2;
/** A provider is not at once with its answer, so that one of ten slow ones is not all that is measured. */
const ANSWER_MS = 50;
const JUDGED_SHARE = sized({ full: 99, short: 50 }) / 100;
const SLOWER_MAX = sized({ full: 120, short: 400 }) / 100;

let database: TestDatabase;
let provider: ScriptedProvider;
let gateway: GatewayProcess;
let noisy: TestOrganization;
let quiet: TestOrganization;

beforeAll(async () => {
  [database, provider] = await Promise.all([createTestDatabase(), startScriptedProvider()]);
  provider.script = async (call) => {
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    await hello(call);
  };
  const credits = nanodollarsFromUsd('100000');
  [noisy, quiet] = await Promise.all([
    createOrganization(database.db, { credits }),
    createOrganization(database.db, { credits }),
  ]);
  await database.db.limits.changeOrganization({
    organizationId: noisy.organizationId,
    limits: { requestsPerMinute: RPM, streams: 64 },
    actor: 'test',
    reason: 'test',
  });
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

test(
  'an organization at ten times its limit is refused, and another one gets all of its answers as fast as without it',
  async () => {
    const of = (key: string) => callers({ port: gateway.port, key, body: JSON.stringify(hi) });
    const [loud, calm] = [of(noisy.apiKey), of(quiet.apiKey)];
    await calm.closed(QUIET_CLIENTS, MS / 4);
    const alone = await calm.closed(QUIET_CLIENTS, MS);
    const [noise, beside] = await Promise.all([loud.open(NOISE_PER_SECOND, MS), calm.closed(QUIET_CLIENTS, MS)]);
    const [before, after] = [quantile(alone, JUDGED_SHARE), quantile(beside, JUDGED_SHARE)];
    tell(
      `quiet: p99 ${before.toFixed(1)} ms alone, ${after.toFixed(1)} ms beside ${noise.length} requests of the other, ${having(noise, 200).length} of which were answered; p50 ${quantile(alone, 0.5).toFixed(1)} and ${quantile(beside, 0.5).toFixed(1)} ms`,
    );
    expect(having(alone, 200).length).toBe(alone.length);
    expect(having(beside, 200).length).toBe(beside.length);
    expect(beside.length).toBeGreaterThan(0);
    const allowed = RPM / 10 + (RPM / 60) * ((MS + 5_000) / 1_000);
    expect(having(noise, 200).length).toBeLessThanOrEqual(allowed);
    expect(having(noise, 200).length + having(noise, 429).length + having(noise, 503).length).toBe(noise.length);
    expect(after).toBeLessThan(before * SLOWER_MAX);
    loud.close();
    calm.close();
  },
  MS * 10 + 60_000,
);

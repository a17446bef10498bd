import { type Balance, ledgerCheck } from '@bourse/db';
import { type Nanodollars, nanodollars, nanodollarsFromUsd } from '@bourse/money';
import {
  createOrganization,
  createTestDatabase,
  openSqlClient,
  type SqlClient,
  type TestDatabase,
  type TestOrganization,
} from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openGatewayDatabase } from '../../src/database.ts';
import { eventually, hi, startTestGateway, type TestGateway } from '../harness.ts';
import { hello, type ScriptedProvider, startScriptedProvider } from '../scripted-provider.ts';
import { sized, tell } from './size.ts';

const REQUESTS = 200;
const ROUNDS = sized({ full: 100, short: 3 });
/** Balances take turns, so that after the first rounds each one is stormed with the leases that its last storm has left behind. */
const BALANCES = 8;
/** Cannot be shortened: what is refused is refused. Long, so that a lease holds a few of them. */
const body = { ...hi, max_tokens: 1, messages: [{ role: 'user', content: 'one word more '.repeat(1_000) }] };

let database: TestDatabase;
let sql: SqlClient;
let north: ScriptedProvider;
let south: ScriptedProvider;
let holdAmount: bigint;

beforeAll(async () => {
  [database, north, south] = await Promise.all([
    createTestDatabase(),
    startScriptedProvider(),
    startScriptedProvider(),
  ]);
  sql = await openSqlClient(database.url);
  const gateway = await gatewayOf('gw_first', '5');
  const poor = await createOrganization(database.db, { credits: nanodollars(1n) });
  const refused = (await (await chat(gateway, poor)).json()) as { error: { metadata: { needed: string } } };
  holdAmount = nanodollarsFromUsd(refused.error.metadata.needed);
  await gateway.stop();
});
afterAll(async () => {
  await Promise.all([north.close(), south.close(), sql.end()]);
  await database.drop();
});

function gatewayOf(gatewayId: string, leaseMaxUsd: string): Promise<TestGateway> {
  return startTestGateway({
    db: openGatewayDatabase(database.url, gatewayId),
    databaseUrl: database.url,
    north,
    south,
    gatewayId,
    environment: { GATEWAY_LEASE_MAX_USD: leaseMaxUsd },
  });
}

function chat(gateway: TestGateway, owner: TestOrganization): Promise<Response> {
  return fetch(`${gateway.root}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${owner.apiKey}` },
    body: JSON.stringify(body),
  });
}

/** Costs most of what was held for it, so that a storm leaves less than the next one begins with. */
const answer: ScriptedProvider['script'] = ({ response }) => {
  const usage = { prompt_tokens: 12_000, completion_tokens: 1, total_tokens: 12_001 };
  const choices = [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }];
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'up', choices, usage }));
};

/** Adds credit until the balance is a multiple of the hold, another one in each round; answers for how many requests it is. */
async function topUp(owner: TestOrganization, round: number, key: string): Promise<number> {
  const { posted } = await database.db.ledger.balance(owner.organizationId);
  const least = Number(posted / holdAmount) + 1;
  const affordable = least + ((round * 67) % (REQUESTS - least));
  await database.db.ledger.grant({
    idempotencyKey: `storm:${key}`,
    organizationId: owner.organizationId,
    amount: nanodollars(holdAmount * BigInt(affordable) - posted),
    reference: key,
    actor: 'test',
  });
  return affordable;
}

/** All requests at once, spread over the gateways; no answer before each of them is admitted or refused. */
async function storm(gateways: readonly TestGateway[], owner: TestOrganization): Promise<readonly number[]> {
  const gate = Promise.withResolvers<void>();
  let admitted = 0;
  north.script = async (call) => {
    admitted += 1;
    await gate.promise;
    await answer(call);
  };
  let refused = 0;
  const requests = Array.from({ length: REQUESTS }, async (_, index) => {
    const gateway = gateways[index % gateways.length];
    if (gateway === undefined) throw new Error('no gateway');
    const response = await chat(gateway, owner);
    if (response.status !== 200) refused += 1;
    await response.text();
    return response.status;
  });
  await eventually(
    async () => refused + admitted,
    (decided) => decided === REQUESTS,
  );
  gate.resolve();
  return Promise.all(requests);
}

async function balanceAfter(gateways: readonly TestGateway[], owner: TestOrganization): Promise<Balance> {
  for (const { gateway } of gateways) {
    expect(await gateway.booked(owner.organizationId)).toBe(true);
    expect(gateway.reserved()).toBe(0n);
  }
  return database.db.ledger.balance(owner.organizationId);
}

async function runRounds(gateways: readonly TestGateway[], name: string): Promise<void> {
  const owners: TestOrganization[] = [];
  const firstCredits: Nanodollars = nanodollars(holdAmount * 16n);
  for (let index = 0; index < Math.min(BALANCES, ROUNDS); index += 1)
    owners.push(await createOrganization(database.db, { credits: firstCredits }));
  let succeeded = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const owner = owners[round % owners.length];
    if (owner === undefined) throw new Error('no owner');
    // Each gateway has credit of this organization in its hands before the storm, where it may lease any.
    north.script = answer;
    for (const gateway of gateways) expect((await chat(gateway, owner)).status).toBe(200);
    await balanceAfter(gateways, owner);
    const affordable = await topUp(owner, round, `${name}:${round}`);
    // Every second time all of them ask one gateway, while the others have leases that nobody asks for.
    const asked = round % 2 === 0 ? gateways.slice((round / 2) % gateways.length).slice(0, 1) : gateways;
    const statuses = await storm(asked, owner);
    const counts = { ok: 0, refused: 0, other: 0 };
    for (const status of statuses) counts[status === 200 ? 'ok' : status === 402 ? 'refused' : 'other'] += 1;
    expect({ round, ...counts }).toEqual({ round, ok: affordable, refused: REQUESTS - affordable, other: 0 });
    const { posted, available } = await balanceAfter(gateways, owner);
    expect(posted >= 0n && available >= 0n).toBe(true);
    succeeded += counts.ok;
  }
  tell(`${name}: ${ROUNDS} rounds of ${REQUESTS}, ${succeeded} answers, each round exact`);
}

async function leasedGenerations(): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'SELECT count(*)::integer AS count FROM generation WHERE lease_id IS NOT NULL',
  );
  return rows[0]?.count ?? 0;
}

for (const [mode, leaseMaxUsd] of [
  ['direct', '0'],
  ['lease', '5'],
] as const) {
  for (const count of [1, 3]) {
    test(
      `${mode} mode, ${count} gateway${count === 1 ? '' : 's'}: of ${REQUESTS} parallel requests exactly those succeed that the balance covers`,
      async () => {
        const name = `${mode}, ${count} gateway${count === 1 ? '' : 's'}`;
        const ids = Array.from({ length: count }, (_, index) => `gw_${mode}_${count}_${index}`);
        const before = await leasedGenerations();
        const gateways = await Promise.all(ids.map((id) => gatewayOf(id, leaseMaxUsd)));
        try {
          await runRounds(gateways, name);
        } finally {
          north.script = hello;
          await Promise.all(gateways.map((gateway) => gateway.stop()));
        }
        expect((await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0)).toEqual([]);
        // Or the setting would not be what it is called.
        const leased = (await leasedGenerations()) - before;
        if (mode === 'direct') expect(leased).toBe(0);
        else expect(leased).toBeGreaterThan(ROUNDS);
      },
      ROUNDS * 20_000,
    );
  }
}

import { generateId, generationId } from '@bourse/ids';
import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClaimRequest, IdempotencyClaim } from '../src/contract.ts';
import { sqlClient } from './tenants.ts';

let database: TestDatabase;
let sql: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  sql = await sqlClient(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const SILENT_MS = 15_000;
const sealed = Buffer.from('sealed');

/** A request by a new API key. */
function request(overrides: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    apiKeyId: generateId('key'),
    keyHash: 'a'.repeat(64),
    bodyHash: 'b'.repeat(64),
    organizationId: 'org_1',
    generationId: generationId(Date.now()),
    claimId: generateId('clm'),
    ttlMs: 60_000,
    silentMs: SILENT_MS,
    ...overrides,
  };
}

/** The same request once more, as another process would ask for it. */
function again(first: ClaimRequest, overrides: Partial<ClaimRequest> = {}): ClaimRequest {
  return { ...first, generationId: generationId(Date.now()), claimId: generateId('clm'), ...overrides };
}

async function claimed(asked: ClaimRequest): Promise<IdempotencyClaim> {
  const claim = await database.db.idempotency.claim(asked);
  if (claim === null) throw new Error('somebody has it');
  return claim;
}

async function age(apiKeyId: string, column: 'heartbeat_at' | 'expires_at', ms: number): Promise<void> {
  await sql.query(
    `UPDATE idempotent_answer SET ${column} = now() - $2 * interval '1 millisecond' WHERE api_key_id = $1`,
    [apiKeyId, ms],
  );
}

const look = (asked: ClaimRequest) => database.db.idempotency.look(asked, SILENT_MS);

test('of many racers one gets the claim, and the others see that it is taken', async () => {
  const first = request();
  const claims = await Promise.all(
    Array.from({ length: 20 }, () => database.db.idempotency.claim(again(first, { silentMs: SILENT_MS }))),
  );
  expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  expect(await look(first)).toEqual({ kind: 'running' });
});

test('another body under the same key is told apart, whatever became of the first', async () => {
  const first = request();
  const claim = await claimed(first);
  const other = again(first, { bodyHash: 'c'.repeat(64) });
  expect(await look(other)).toEqual({ kind: 'other_body' });
  await database.db.idempotency.finish(claim, { state: 'done', sealed });
  expect(await look(other)).toEqual({ kind: 'other_body' });
  expect(await database.db.idempotency.claim(other)).toBeNull();
  await age(first.apiKeyId, 'heartbeat_at', SILENT_MS * 2);
  expect(await database.db.idempotency.claim(other)).toBeNull();
});

test('another API key with the same idempotency key is another request', async () => {
  const first = request();
  await claimed(first);
  expect((await claimed(again(first, { apiKeyId: generateId('key') }))).isRetake).toBe(false);
});

test('an owner who beats keeps the claim; one who was silent loses it to one racer, who keeps the generation id', async () => {
  const first = request();
  const owner = await claimed(first);
  await age(first.apiKeyId, 'heartbeat_at', SILENT_MS * 2);
  await database.db.idempotency.heartbeat([owner]);
  expect(await database.db.idempotency.claim(again(first))).toBeNull();
  await age(first.apiKeyId, 'heartbeat_at', SILENT_MS * 2);
  expect(await look(first)).toEqual({ kind: 'free' });
  const racers = await Promise.all(Array.from({ length: 10 }, () => database.db.idempotency.claim(again(first))));
  const winners = racers.filter((claim) => claim !== null);
  expect(winners).toHaveLength(1);
  expect(winners[0]).toMatchObject({ isRetake: true, generationId: owner.generationId });
});

test('what a former owner does no longer counts', async () => {
  const first = request();
  const former = await claimed(first);
  await database.db.idempotency.abandon(former);
  const next = await claimed(again(first));
  await database.db.idempotency.free(former);
  await database.db.idempotency.abandon(former);
  await database.db.idempotency.heartbeat([former]);
  expect(await database.db.idempotency.finish(former, { state: 'done', sealed })).toBe(false);
  expect(await look(first)).toEqual({ kind: 'running' });
  expect(await database.db.idempotency.finish(next, { state: 'done', sealed })).toBe(true);
  expect(await look(first)).toEqual({
    kind: 'done',
    generationId: former.generationId,
    claimId: next.claimId,
    sealed,
  });
});

test('a freed request is as if it had never been: any body, a new generation', async () => {
  const first = request();
  await database.db.idempotency.free(await claimed(first));
  expect(await look(first)).toEqual({ kind: 'free' });
  const next = again(first, { bodyHash: 'd'.repeat(64) });
  expect(await claimed(next)).toMatchObject({ isRetake: false, generationId: next.generationId });
});

test.each(['too_large', 'incomplete'] as const)('an end %s is for good and names the generation', async (state) => {
  const first = request();
  await database.db.idempotency.finish(await claimed(first), { state });
  expect(await look(first)).toEqual({ kind: state, generationId: first.generationId });
  await age(first.apiKeyId, 'heartbeat_at', SILENT_MS * 2);
  expect(await database.db.idempotency.claim(again(first))).toBeNull();
});

test('an expired row answers nothing, can be claimed anew with any body, and is pruned', async () => {
  const first = request();
  await database.db.idempotency.finish(await claimed(first), { state: 'done', sealed });
  await age(first.apiKeyId, 'expires_at', 1);
  expect(await look(first)).toEqual({ kind: 'free' });
  const next = again(first, { bodyHash: 'e'.repeat(64) });
  expect(await claimed(next)).toMatchObject({ isRetake: false, generationId: next.generationId });
  expect(await look(next)).toEqual({ kind: 'running' });

  const gone = request();
  await claimed(gone);
  await age(gone.apiKeyId, 'expires_at', 1);
  expect(await database.db.idempotency.prune(500)).toBe(1);
  expect(await database.db.idempotency.prune(500)).toBe(0);
  expect(await look(next)).toEqual({ kind: 'running' });
});

import { generationId } from '@bourse/ids';
import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pruneIdempotency } from '../src/jobs/prune-idempotency.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function keep(count: number, ttlMs: number): Promise<void> {
  const { idempotency } = database.db;
  for (let index = 0; index < count; index += 1) {
    const claim = await idempotency.claim({
      apiKeyId: `key_${ttlMs}_${index}`,
      keyHash: 'a'.repeat(64),
      bodyHash: 'b'.repeat(64),
      organizationId: 'org_1',
      generationId: generationId(Date.now()),
      claimId: `clm_${ttlMs}_${index}`,
      ttlMs,
      silentMs: 15_000,
    });
    if (claim !== null) await idempotency.finish(claim, { state: 'done', sealed: Buffer.from('sealed') });
  }
}

test('answers whose day is over are removed, batch after batch, and no others', async () => {
  await keep(450, 0);
  await keep(3, 60_000);
  const job = pruneIdempotency({ idempotency: database.db.idempotency, everyMs: 1_000 });
  expect(await job.run(new AbortController().signal)).toBe(450);
  expect(await job.run(new AbortController().signal)).toBe(0);
  const scope = { keyHash: 'a'.repeat(64), bodyHash: 'b'.repeat(64) };
  const { idempotency } = database.db;
  expect(await idempotency.look({ ...scope, apiKeyId: 'key_60000_2' }, 15_000)).toMatchObject({ kind: 'done' });
});

test('on shutdown it stops between batches', async () => {
  await keep(10, 0);
  const job = pruneIdempotency({ idempotency: database.db.idempotency, everyMs: 1_000 });
  expect(await job.run(AbortSignal.abort())).toBe(0);
});

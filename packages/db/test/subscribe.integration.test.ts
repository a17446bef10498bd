import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Notice, openDatabase } from '@bourse/db';
import { createTestDatabase, startDatabaseProxy, type TestDatabase } from '@bourse/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newGenerationId, settleOf, sqlClient, tenant } from './tenants.ts';

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

async function waitFor(condition: () => boolean, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!condition() && performance.now() < deadline) await delay(10);
  expect(condition()).toBe(true);
}

/** A listener that remembers what it was told, in order. */
function witness() {
  const notices: Notice[] = [];
  const gaps: ('lost' | 'restored')[] = [];
  return {
    notices,
    gaps,
    onNotice: (notice: Notice) => void notices.push(notice),
    onLost: () => void gaps.push('lost'),
    onRestored: () => void gaps.push('restored'),
  };
}

test('notices tell within moments of a key that was made, changed or revoked, of a frozen organization, and not of mere use', async () => {
  const told = witness();
  const subscription = await database.db.subscribe(told);
  const owner = await tenant(database.db, 10);
  const ref = { id: owner.apiKeyId, organizationId: owner.organizationId };
  const hash = createHash('sha256').update(owner.apiKey).digest('hex');
  await waitFor(() => told.notices.length === 1);
  await database.db.keys.touchLastUsed([owner.apiKeyId], new Date());
  await database.db.ledger.settle(settleOf(owner, { id: newGenerationId(), charge: 1 }));
  await database.db.keys.update(ref, { isDisabled: true });
  await database.db.keys.revoke(ref);
  await database.db.ledger.setFrozen({ organizationId: owner.organizationId, isFrozen: true });
  await waitFor(() => told.notices.length === 4);
  expect(told.notices).toEqual([
    { topic: 'api_key', id: hash },
    { topic: 'api_key', id: hash },
    { topic: 'api_key', id: hash },
    { topic: 'organization', id: owner.organizationId },
  ]);
  await subscription.close();
  expect(told.gaps).toEqual([]);
});

test('a connection that the database ends is told as lost before it is told as restored, and notices come again', async () => {
  const told = witness();
  const subscription = await database.db.subscribe(told);
  await sql.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
  );
  await waitFor(() => told.gaps.includes('restored'));
  expect(told.gaps).toEqual(['lost', 'restored']);
  await sql.query("NOTIFY bourse_invalidate, 'catalog:abc'; NOTIFY bourse_invalidate, 'nonsense'");
  await waitFor(() => told.notices.length > 0);
  expect(told.notices).toEqual([{ topic: 'catalog', id: 'abc' }]);
  await subscription.close();
  await delay(0);
  expect(told.gaps).toEqual(['lost', 'restored']);
});

test('a connection that falls silent without a word is told as lost within 5 seconds', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const db = openDatabase({ url: proxy.url, applicationName: 'bourse-test' });
  const told = witness();
  const subscription = await db.subscribe(told);
  try {
    proxy.silenceNotices();
    await waitFor(() => told.gaps.includes('lost'));
    await waitFor(() => told.gaps.includes('restored'));
    await sql.query("NOTIFY bourse_invalidate, 'catalog:after'");
    await waitFor(() => told.notices.length > 0);
    expect(told).toMatchObject({ gaps: ['lost', 'restored'], notices: [{ topic: 'catalog', id: 'after' }] });
  } finally {
    await subscription.close();
    await db.close();
    await proxy.close();
  }
});

test('a subscription can be closed while its connection is silent', async () => {
  const proxy = await startDatabaseProxy(database.url);
  const db = openDatabase({ url: proxy.url, applicationName: 'bourse-test' });
  const told = witness();
  const subscription = await db.subscribe(told);
  try {
    proxy.silenceNotices();
    await subscription.close();
    expect(told.gaps).toEqual([]);
  } finally {
    await db.close();
    await proxy.close();
  }
});

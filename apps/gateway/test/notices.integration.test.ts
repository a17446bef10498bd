import { openDatabase } from '@bourse/db';
import { nanodollars } from '@bourse/money';
import { createLogger } from '@bourse/telemetry';
import {
  createOrganization,
  createTestDatabase,
  type DatabaseProxy,
  startDatabaseProxy,
  type TestDatabase,
} from '@bourse/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CreditLeases } from '../src/books/credit-leases.ts';
import { hashApiKey } from '../src/generate/authenticate.ts';
import { createCatalogCache } from '../src/snapshot/catalog-cache.ts';
import { follow } from '../src/snapshot/follow.ts';
import { KeyCache } from '../src/snapshot/key-cache.ts';
import { SwitchBoard } from '../src/snapshot/switches.ts';
import { eventually } from './harness.ts';

let database: TestDatabase;
let proxy: DatabaseProxy;

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startDatabaseProxy(database.url);
});

afterAll(async () => {
  await proxy.close();
  await database.drop();
});

/** The snapshots of a gateway whose connections can be cut, and a key that it has in memory. */
async function openCaches() {
  // Made first: the notice of its making must not come in between.
  const owner = await createOrganization(database.db);
  const db = openDatabase({ url: proxy.url, applicationName: 'bourse-test' });
  const log = createLogger({ name: 'gateway', level: 'silent' });
  const keys = new KeyCache({ find: (hash) => db.keys.findByHash(hash), now: Date.now });
  const credit = new CreditLeases({
    store: db.leases,
    gatewayId: 'gw_test',
    log,
    slabMax: nanodollars(0n),
    slabMin: nanodollars(0n),
    ttlMs: 60_000,
    isTrusted: () => keys.isTrusted,
    now: () => performance.now(),
    wallNow: Date.now,
  });
  const unfollow = await follow(
    { db, log },
    {
      keys,
      credit,
      catalog: createCatalogCache(db.catalog, { log, now: Date.now }),
      switches: new SwitchBoard(db.switches),
    },
  );
  const hash = hashApiKey(owner.apiKey);
  expect(await keys.get(hash)).toMatchObject({ id: owner.apiKeyId });
  return {
    keys,
    hash,
    /** Behind the gateway's back: through a connection that nobody cuts. */
    revoke: () => database.db.keys.revoke({ id: owner.apiKeyId, organizationId: owner.organizationId }),
    async close() {
      await unfollow();
      await db.close();
    },
  };
}

describe('a key that is revoked while notices do not arrive', () => {
  test.each([
    ['the connection was cut', () => proxy.cutNotices()],
    ['the connection fell silent, which nobody is told', () => proxy.silenceNotices()],
  ])('is unknown within 5 seconds when %s', async (_case, damage) => {
    const { keys, hash, revoke, close } = await openCaches();
    try {
      expect(keys.isTrusted).toBe(true);
      damage();
      const revokedAt = performance.now();
      await revoke();
      await eventually(
        async () => keys.get(hash),
        (key) => key === null,
      );
      expect(performance.now() - revokedAt).toBeLessThan(5_000);
      await eventually(
        async () => keys.isTrusted,
        (isTrusted) => isTrusted,
      );
    } finally {
      await close();
    }
  });
});

test('a gateway knows that it cannot be told, from the loss until notices arrive again', async () => {
  const { keys, hash, close } = await openCaches();
  const states: boolean[] = [];
  try {
    proxy.cutNotices();
    await eventually(
      async () => {
        if (states.at(-1) !== keys.isTrusted) states.push(keys.isTrusted);
        return states.length;
      },
      (changes) => changes >= (states[0] === true ? 3 : 2),
    );
    expect(states.slice(-2)).toEqual([false, true]);
    expect(await keys.get(hash)).toMatchObject({ hash });
  } finally {
    await close();
  }
});

import type { ApiKeySnapshot } from '@bourse/db';
import { AppError } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import { expect, test, vi } from 'vitest';
import { KeyCache, type KeyCacheOptions } from './key-cache.ts';

function snapshot(hash: string): ApiKeySnapshot {
  return {
    id: `key_${hash}`,
    organizationId: 'org_1',
    kind: 'inference',
    name: 'test',
    label: 'sk-brs-v1-abc...xyz',
    hash,
    limit: null,
    limitReset: null,
    includeByokInLimit: false,
    disabledAt: null,
    expiresAt: null,
    createdAt: new Date(0),
    createdByUserId: null,
    organizationIsFrozen: false,
    organizationIsDemo: false,
    requestsPerMinute: null,
    organizationLimits: {
      requestsPerMinute: null,
      tokensPerMinute: null,
      streams: null,
      freeRequestsPerMinute: null,
      freeRequestsPerDay: null,
    },
    organizationPurchased: nanodollars(0n),
    freeRequests: { day: 0, count: 0 },
  };
}

function harness(overrides: Partial<KeyCacheOptions> = {}) {
  const lookups: { hash: string; flight: PromiseWithResolvers<ApiKeySnapshot | null> }[] = [];
  const clock = { ms: 0 };
  const cache = new KeyCache({
    find: (hash) => {
      const flight = Promise.withResolvers<ApiKeySnapshot | null>();
      lookups.push({ hash, flight });
      return flight.promise;
    },
    now: () => clock.ms,
    lookupsMax: 3,
    ...overrides,
  });
  return { cache, lookups, clock };
}

test('however many requests wait for a key, it is looked up once', async () => {
  const { cache, lookups } = harness();
  const waiting = Array.from({ length: 100 }, async () => cache.get('a'));
  lookups[0]?.flight.resolve(snapshot('a'));
  const found = await Promise.all(waiting);
  expect(lookups).toHaveLength(1);
  expect(found.every((key) => key?.hash === 'a')).toBe(true);
  expect(cache.get('a')).toMatchObject({ hash: 'a' });
});

test('a known key is trusted for 30 s and an unknown one for 5 s', async () => {
  const { cache, lookups, clock } = harness();
  const first = cache.get('a');
  const second = cache.get('b');
  lookups[0]?.flight.resolve(snapshot('a'));
  lookups[1]?.flight.resolve(null);
  await first;
  expect(await second).toBeNull();
  clock.ms = 4_999;
  expect(cache.get('b')).toBeNull();
  clock.ms = 5_001;
  void cache.get('b');
  void cache.get('a');
  expect(lookups.map(({ hash }) => hash)).toEqual(['a', 'b', 'b']);
});

test('a lookup that was under way when its key was revoked does not put the old key back', async () => {
  const { cache, lookups } = harness();
  const before = cache.get('a');
  cache.invalidate('a');
  lookups[0]?.flight.resolve(snapshot('a'));
  await before;
  void cache.get('a');
  expect(lookups).toHaveLength(2);
});

test('a database that does not answer is an error, never an unknown key, and is asked again', async () => {
  const { cache, lookups } = harness();
  const asked = cache.get('a');
  lookups[0]?.flight.reject(new AppError('service_unavailable', 'down'));
  await expect(asked).rejects.toMatchObject({ code: 'service_unavailable' });
  void cache.get('a');
  expect(lookups).toHaveLength(2);
});

test('a flood of different keys may run three lookups here, the rest is told to come back', () => {
  const { cache } = harness();
  for (const hash of ['a', 'b', 'c']) void cache.get(hash);
  expect(() => cache.get('d')).toThrowError(expect.objectContaining({ code: 'service_unavailable' }));
});

test('when notices stop, what is known is forgotten at once, and what is asked from then on is trusted for 5 s only', async () => {
  const { cache, lookups, clock } = harness();
  const known = cache.get('a');
  lookups[0]?.flight.resolve(snapshot('a'));
  await known;
  cache.setTrusted(false);
  expect(cache.isTrusted).toBe(false);
  const asked = cache.get('a');
  lookups[1]?.flight.resolve(snapshot('a'));
  await asked;
  clock.ms = 4_999;
  expect(cache.get('a')).toMatchObject({ hash: 'a' });
  clock.ms = 5_001;
  void cache.get('a');
  expect(lookups).toHaveLength(3);
});

test('when notices come again, what was read in the gap is forgotten, and 30 s count again', async () => {
  const { cache, lookups, clock } = harness();
  cache.setTrusted(false);
  const inGap = cache.get('a');
  const stillAsked = cache.get('b');
  lookups[0]?.flight.resolve(snapshot('a'));
  await inGap;
  cache.setTrusted(true);
  expect(cache.isTrusted).toBe(true);
  lookups[1]?.flight.resolve(snapshot('b'));
  await stillAsked;
  const [first, second] = [cache.get('a'), cache.get('b')];
  lookups[2]?.flight.resolve(snapshot('a'));
  lookups[3]?.flight.resolve(snapshot('b'));
  await Promise.all([first, second]);
  clock.ms = 29_999;
  expect([cache.get('a'), cache.get('b')]).toMatchObject([{ hash: 'a' }, { hash: 'b' }]);
  expect(lookups).toHaveLength(4);
});

test('a verified key whose lookup takes too long stands in for it, and from then on nobody waits until the database answers', async () => {
  const { cache, lookups, clock } = harness({ patienceMs: 20 });
  const known = cache.get('a');
  lookups[0]?.flight.resolve(snapshot('a'));
  await known;
  cache.setTrusted(false);
  expect(await cache.get('a')).toMatchObject({ hash: 'a' });
  clock.ms = 1_001;
  expect(cache.get('a')).toMatchObject({ hash: 'a' });
  expect(lookups).toHaveLength(2);
  // The answer says that it was revoked meanwhile.
  lookups[1]?.flight.resolve(null);
  await vi.waitFor(() => expect(cache.get('a')).toBeNull());
});

test('a verified key waits for its turn when many are looked up, and is not refused', async () => {
  const { cache, lookups } = harness({ patienceMs: 5_000 });
  const known = cache.get('a');
  lookups[0]?.flight.resolve(snapshot('a'));
  await known;
  cache.clear();
  for (const hash of ['x', 'y', 'z']) void cache.get(hash);
  const first = cache.get('a');
  lookups[1]?.flight.resolve(snapshot('x'));
  await vi.waitFor(() => expect(lookups).toHaveLength(5));
  lookups[4]?.flight.resolve(null);
  expect(await first).toBeNull();
  // And stands in when no turn comes.
  const other = harness({ patienceMs: 20 });
  const alsoKnown = other.cache.get('a');
  other.lookups[0]?.flight.resolve(snapshot('a'));
  await alsoKnown;
  other.cache.clear();
  for (const hash of ['x', 'y', 'z']) void other.cache.get(hash);
  expect(await other.cache.get('a')).toMatchObject({ hash: 'a' });
});

test('a key that nobody knows is not waited for longer than a lookup may take', async () => {
  const { cache } = harness({ lookupMs: 20 });
  await expect(cache.get('a')).rejects.toMatchObject({ code: 'service_unavailable' });
});

test('after its time of grace a key waits for the database like any other', async () => {
  const { cache, lookups, clock } = harness({ patienceMs: 20 });
  const known = cache.get('a');
  lookups[0]?.flight.resolve(snapshot('a'));
  await known;
  clock.ms = 60_001;
  const asked = cache.get('a');
  lookups[1]?.flight.reject(new AppError('service_unavailable', 'down'));
  await expect(asked).rejects.toMatchObject({ code: 'service_unavailable' });
});

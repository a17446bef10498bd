import { buildSnapshot, type CatalogSnapshot } from '@bourse/catalog';
import { loadCatalogData } from '@bourse/catalog/data';
import { AppError } from '@bourse/errors';
import { createLogger } from '@bourse/telemetry';
import { expect, test } from 'vitest';
import { type CatalogOutcome, createCatalogCache } from './catalog-cache.ts';

const log = createLogger({ name: 'gateway', level: 'silent' });
const data = loadCatalogData();
const market = (version: string): CatalogSnapshot => buildSnapshot(data, version);
const damaged = (version: string): CatalogSnapshot => ({ ...market(version), endpointsByModel: new Map() });

/** A source whose answers the test sets, and what a cache over it told. */
function scriptedSource(first: string) {
  const state = { version: first, load: async () => market(state.version), loads: 0, now: 0 };
  const outcomes: CatalogOutcome[] = [];
  const cache = createCatalogCache(
    {
      currentVersion: async () => state.version,
      loadSnapshot: () => {
        state.loads += 1;
        return state.load();
      },
    },
    { log, now: () => state.now, ended: (outcome) => outcomes.push(outcome) },
  );
  return { state, cache, outcomes };
}

test('what has the same version is not loaded again, and what has another replaces the whole', async () => {
  const { state, cache, outcomes } = scriptedSource('a');
  expect(() => cache.current()).toThrow('being loaded');
  await cache.refresh();
  const first = cache.current();
  await cache.refresh();
  expect(cache.current()).toBe(first);
  state.version = 'b';
  await cache.refresh();
  expect(cache.current().version).toBe('b');
  expect(first.version).toBe('a');
  expect(outcomes).toEqual(['loaded', 'same', 'loaded']);
});

test.each<[string, (version: string) => Promise<CatalogSnapshot>]>([
  ['has lost its endpoints', async (version) => damaged(version)],
  ['contradicts itself', () => Promise.reject(new AppError('internal', 'x', { detail: 'no base price' }))],
  ['is no JSON', () => Promise.reject(new SyntaxError('unexpected token'))],
])('a version that %s is refused, and the one before it stays until there is a better one', async (_case, load) => {
  const { state, cache, outcomes } = scriptedSource('a');
  await cache.refresh();
  const good = cache.current();
  state.version = 'b';
  state.load = () => load('b');
  await cache.refresh();
  expect(cache.current()).toBe(good);
  expect(cache.isRefused()).toBe(true);
  await cache.refresh();
  expect(state.loads).toBe(2);
  state.now = 31_000;
  await cache.refresh();
  expect(state.loads).toBe(3);
  state.version = 'c';
  state.load = async () => market('c');
  await cache.refresh();
  expect([cache.current().version, cache.isRefused()]).toEqual(['c', false]);
  expect(outcomes).toEqual(['loaded', 'refused', 'same', 'refused', 'loaded']);
});

test('going back to the version in hand ends the refusal', async () => {
  const { state, cache } = scriptedSource('a');
  await cache.refresh();
  state.version = 'b';
  state.load = async () => damaged('b');
  await cache.refresh();
  state.version = 'a';
  await cache.refresh();
  expect(cache.isRefused()).toBe(false);
});

test('a source that does not answer is no refusal, and the look is a failure', async () => {
  const { state, cache, outcomes } = scriptedSource('a');
  await cache.refresh();
  state.version = 'b';
  state.load = () => Promise.reject(new AppError('service_unavailable', 'away'));
  await expect(cache.refresh()).rejects.toThrow('away');
  expect([cache.current().version, cache.isRefused()]).toEqual(['a', false]);
  expect(outcomes.at(-1)).toBe('failed');
});

test('the first version has nothing to fall back to: when it makes no sense, nobody is served', async () => {
  const { state, cache } = scriptedSource('a');
  state.load = () => Promise.reject(new AppError('internal', 'x'));
  await expect(cache.refresh()).rejects.toMatchObject({ code: 'internal' });
  expect([cache.isLoaded(), cache.isRefused()]).toEqual([false, false]);
});

test('a change that is told while a look is under way is looked at again, and both callers wait for it', async () => {
  const { state, cache } = scriptedSource('a');
  await cache.refresh();
  const gate = Promise.withResolvers<void>();
  state.version = 'b';
  state.load = async () => {
    await gate.promise;
    return market('b');
  };
  const first = cache.refresh();
  await expect.poll(() => state.loads).toBe(2);
  state.version = 'c';
  state.load = async () => market('c');
  const told = cache.refresh();
  gate.resolve();
  await Promise.all([first, told]);
  expect(cache.current().version).toBe('c');
});

import { loadCatalogData } from '@bourse/catalog/data';
import type { CatalogContents } from '@bourse/db';
import { picodollarsPerUnit } from '@bourse/money';
import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const data = loadCatalogData();
const [endpoint] = data.endpoints.filter(({ modelSlug }) => !modelSlug.startsWith('sandbox/'));
const writer = { origin: 'sync', actor: 'test' } as const;

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
});

/** The same contents with each price of the endpoint so many picodollars higher. */
function dearer(live: CatalogContents, more: bigint): CatalogContents {
  const endpoints = live.endpoints.map((each) => {
    if (each.id !== endpoint?.id) return each;
    const lines = each.prices.lines.map((line) => ({ ...line, price: picodollarsPerUnit(line.price + more) }));
    return { ...each, prices: { ...each.prices, lines } };
  });
  return { ...live, endpoints };
}

const edit = (change: (live: CatalogContents) => CatalogContents) => database.db.catalog.editCatalog(change, writer);

describe('the history of the catalog', () => {
  test('begins with everything that the first filling added', async () => {
    const changes = await database.db.catalogHistory.changes({ kinds: ['model_added'], limit: 500 });
    const models = data.models.filter(({ isSandbox }) => !isSandbox);
    expect(changes.map(({ modelSlug }) => modelSlug).toSorted()).toEqual(models.map(({ slug }) => slug).toSorted());
    const all = await database.db.catalogHistory.changes({ kinds: ['model_added'], limit: 500, includesSandbox: true });
    expect(all.length).toBe(data.models.length);
  });

  test('has each price with the time in which it held, and the change as one entry with both prices', async () => {
    if (endpoint === undefined) return expect.unreachable('the catalog has real endpoints');
    const before = await database.db.catalogHistory.priceHistory({ endpointId: endpoint.id });
    expect(before).toMatchObject([{ endpointId: endpoint.id, effectiveTo: null, isListed: true }]);
    expect(await edit((live) => dearer(live, 7n))).toMatchObject({ isChanged: true });
    const [now, then] = await database.db.catalogHistory.priceHistory({ endpointId: endpoint.id });
    expect(then?.prices).toEqual(before[0]?.prices);
    expect(then?.effectiveTo).toEqual(now?.prices.effectiveFrom);
    expect(now?.effectiveTo).toBeNull();
    const ofModel = await database.db.catalogHistory.priceHistory({ modelSlug: endpoint.modelSlug });
    expect(ofModel.filter(({ endpointId }) => endpointId === endpoint.id)).toEqual([now, then]);
    const [change] = await database.db.catalogHistory.changes({ kinds: ['price_changed'] });
    expect(change).toMatchObject({ kind: 'price_changed', endpointId: endpoint.id, modelSlug: endpoint.modelSlug });
    expect(change?.pricesBefore).toEqual(then?.prices);
    expect(change?.pricesAfter).toEqual(now?.prices);
  });

  test('pages backwards without gaps or repetitions', async () => {
    const whole = await database.db.catalogHistory.changes({ limit: 40 });
    const first = await database.db.catalogHistory.changes({ limit: 15 });
    const second = await database.db.catalogHistory.changes({ limit: 25, before: first.at(-1)?.id ?? '' });
    expect([...first, ...second]).toEqual(whole);
  });

  test('orders models by age, and answers nothing for what nobody sold', async () => {
    const newest = await database.db.catalogHistory.newestModels({ limit: 30 });
    const age = newest.map(({ releasedOn, listedAt }) => (releasedOn === null ? listedAt : new Date(releasedOn)));
    expect(age).toEqual(age.toSorted((a, b) => Number(b) - Number(a)));
    expect(newest.every(({ isSandbox }) => !isSandbox)).toBe(true);
    expect(await database.db.catalogHistory.priceHistory({ modelSlug: 'nobody/sells-this' })).toEqual([]);
  });
});

describe('edits of the catalog', () => {
  test('change nothing when they give back what they got', async () => {
    const version = await database.db.catalog.currentVersion();
    expect(await edit((live) => live)).toMatchObject({ isChanged: false });
    expect(await edit((live) => ({ ...live, endpoints: live.endpoints.toReversed() }))).toMatchObject({
      isChanged: false,
    });
    expect(await database.db.catalog.currentVersion()).toBe(version);
  });

  test('outlive a restart with the same data, until the data themselves are other ones', async () => {
    const edited = await database.db.catalog.currentVersion();
    expect(await database.db.catalog.replaceCatalog(data)).toMatchObject({ isChanged: false });
    expect(await database.db.catalog.currentVersion()).toBe(edited);
    const release = { ...data, authors: [...data.authors, { slug: 'zz-author', name: 'New' }] };
    expect(await database.db.catalog.replaceCatalog(release)).toMatchObject({ isChanged: true });
  });

  test('made at the same time all count: none is lost', async () => {
    const before = await database.db.catalogHistory.priceHistory({ endpointId: endpoint?.id ?? '' });
    await Promise.all([1n, 10n, 100n].map((more) => edit((live) => dearer(live, more))));
    const after = await database.db.catalogHistory.priceHistory({ endpointId: endpoint?.id ?? '' });
    const first = (prices: typeof after) => prices[0]?.prices.lines[0]?.price ?? 0n;
    expect(first(after) - first(before)).toBe(111n);
    expect(after.length).toBe(before.length + 3);
  });

  test('that fail leave the catalog as it was', async () => {
    const version = await database.db.catalog.currentVersion();
    await expect(edit((live) => ({ ...live, models: [] }))).rejects.toMatchObject({ code: 'internal' });
    await expect(
      edit(() => {
        throw new Error('broken');
      }),
    ).rejects.toThrow();
    expect(await database.db.catalog.currentVersion()).toBe(version);
  });

  test('take out what is gone, and say so', async () => {
    await edit((live) => ({ ...live, endpoints: live.endpoints.filter(({ id }) => id !== endpoint?.id) }));
    const [change] = await database.db.catalogHistory.changes({ limit: 1 });
    expect(change).toMatchObject({ kind: 'endpoint_removed', endpointId: endpoint?.id });
    const [last] = await database.db.catalogHistory.priceHistory({ endpointId: endpoint?.id ?? '' });
    expect(last).toMatchObject({ isListed: false, effectiveTo: null });
  });
});

describe('proposals', () => {
  const proposal = (name: string) => ({
    fingerprint: name.padEnd(64, '0'),
    subject: name,
    summary: `${name} changes`,
    reasons: ['the price rises by half'],
    change: { kind: 'none' },
  });
  const replace = (...names: readonly string[]) =>
    database.db.catalogProposals.replacePending({ source: 'test@1', proposals: names.map(proposal) });
  const pending = async () =>
    (await database.db.catalogProposals.list({ status: 'pending' })).map(({ subject }) => subject);

  test('wait once, however many look at the same time, and no longer than the sources say so', async () => {
    const results = await Promise.all([replace('a', 'b'), replace('a', 'b'), replace('a', 'b')]);
    expect(results.map(({ added }) => added).toSorted()).toEqual([0, 0, 2]);
    expect(await replace('b', 'c')).toEqual({ added: 1, superseded: 1 });
    expect(await pending()).toEqual(['c', 'b']);
  });

  test('are decided once, and what was rejected is not asked again', async () => {
    const [first] = await database.db.catalogProposals.list({ status: 'pending' });
    const decision = { id: first?.id ?? 0, actor: 'me', note: 'a slip of the source' };
    const both = await Promise.all(
      (['approved', 'rejected'] as const).map((status) => database.db.catalogProposals.decide({ ...decision, status })),
    );
    expect(both.toSorted()).toEqual(['decided', 'not_pending']);
    const [second] = await database.db.catalogProposals.list({ status: 'pending' });
    await database.db.catalogProposals.decide({ ...decision, id: second?.id ?? 0, status: 'rejected' });
    expect(await replace(second?.subject ?? '')).toEqual({ added: 0, superseded: 0 });
    expect(await database.db.catalogProposals.decide({ ...decision, id: 9_999, status: 'rejected' })).toBe(
      'not_pending',
    );
  });

  test('leave a record of each look', async () => {
    const run = { source: 'test@1', outcome: 'refused', applied: 0, held: 0, problem: 'not JSON' } as const;
    await database.db.catalogProposals.recordSync(run);
    expect(await database.db.catalogProposals.state()).toMatchObject({ lastSync: run, pending: 0 });
  });
});

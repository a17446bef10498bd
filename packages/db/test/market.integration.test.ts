import { loadCatalogData } from '@bourse/catalog/data';
import type { CatalogContents, GenerationRecord } from '@bourse/db';
import { picodollarsPerUnit } from '@bourse/money';
import { createTestDatabase, generationRecord, type TestDatabase } from '@bourse/testing';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nano, sqlClient, tenant } from './tenants.ts';

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

describe('catalog', () => {
  const contents = loadCatalogData();
  const endpointOf = (version: CatalogContents, index = 0) => {
    const endpoint = version.endpoints[index];
    if (!endpoint) throw new Error('the catalog has no endpoints');
    return endpoint;
  };
  const sheetsOf = async (endpointId: string) => {
    const { rows } = await sql.query<{ id: string; is_open: boolean; follows: boolean | null }>(
      `SELECT id, effective_to IS NULL AS is_open, effective_from = lag(effective_to) OVER (ORDER BY effective_from) AS follows
         FROM price_sheet WHERE endpoint_id = $1 ORDER BY effective_from`,
      [endpointId],
    );
    return rows;
  };

  test('comes out as it went in', async () => {
    const snapshot = await database.db.catalog.loadSnapshot();
    const strip = (version: CatalogContents['endpoints'][number]) => ({
      ...version,
      prices: { ...version.prices, effectiveFrom: null },
    });
    const byId = (endpoints: CatalogContents['endpoints']) => new Map(endpoints.map((each) => [each.id, strip(each)]));
    expect(byId([...snapshot.endpointsByModel.values()].flat())).toEqual(byId(contents.endpoints));
    expect([...snapshot.models.values()]).toEqual(contents.models.toSorted((a, b) => (a.slug < b.slug ? -1 : 1)));
    expect(snapshot.providers.size).toBe(contents.providers.length);
    expect(snapshot.authors.size).toBe(contents.authors.length);
  });

  test('keeps its version as long as nothing changes', async () => {
    const { version } = await database.db.catalog.loadSnapshot();
    const replaced = await database.db.catalog.replaceCatalog(contents);
    expect(replaced.isChanged).toBe(false);
    expect(version.startsWith(replaced.version)).toBe(true);
    expect(await database.db.catalog.currentVersion()).toBe(version);
  });

  test('has another version when a price that was written ahead comes into force', async () => {
    const before = await database.db.catalog.currentVersion();
    const endpoint = endpointOf(contents, 2);
    await sql.query("UPDATE price_sheet SET effective_to = now() + interval '1 hour' WHERE endpoint_id = $1", [
      endpoint.id,
    ]);
    expect(await database.db.catalog.currentVersion()).toBe(before);
    // The catalog is read as of a millisecond.
    const present = "UPDATE price_sheet SET effective_to = date_trunc('milliseconds', now()) WHERE endpoint_id = $1";
    await sql.query(present, [endpoint.id]);
    expect(await database.db.catalog.currentVersion()).not.toBe(before);
    await sql.query('UPDATE price_sheet SET effective_to = NULL WHERE endpoint_id = $1', [endpoint.id]);
  });

  test('closes the old price and opens the new one at the same moment, also when the old one comes back', async () => {
    const endpoint = endpointOf(contents);
    const dearer = {
      ...endpoint,
      prices: {
        ...endpoint.prices,
        lines: endpoint.prices.lines.map((line) => ({ ...line, price: picodollarsPerUnit(line.price + 1n) })),
      },
    };
    const changed = {
      ...contents,
      endpoints: contents.endpoints.map((each) => (each.id === endpoint.id ? dearer : each)),
    };
    const before = await database.db.catalog.loadSnapshot();
    expect(await database.db.catalog.replaceCatalog(changed)).toMatchObject({ isChanged: true });
    const after = await database.db.catalog.loadSnapshot();
    expect(after.version).not.toBe(before.version);
    const inForce = after.endpointsByModel.get(endpoint.modelSlug)?.find(({ id }) => id === endpoint.id);
    expect(inForce?.prices.lines).toEqual(dearer.prices.lines);
    await database.db.catalog.replaceCatalog(contents);
    const sheets = await sheetsOf(endpoint.id);
    expect(sheets.map(({ is_open: isOpen }) => isOpen)).toEqual([false, false, true]);
    expect(sheets.map(({ follows }) => follows)).toEqual([null, true, true]);
    expect(new Set(sheets.map(({ id }) => id)).size).toBe(3);
  });

  test('no longer lists what is gone, keeps it for the books, and lists it again when it returns', async () => {
    const endpoint = endpointOf(contents, 1);
    const isElsewhere = ({ id }: { readonly id: string }) => id !== endpoint.id;
    await database.db.catalog.replaceCatalog({ ...contents, endpoints: contents.endpoints.filter(isElsewhere) });
    const without = await database.db.catalog.loadSnapshot();
    expect([...without.endpointsByModel.values()].flat().some(({ id }) => id === endpoint.id)).toBe(false);
    expect((await sql.query('SELECT 1 FROM endpoint WHERE id = $1', [endpoint.id])).rowCount).toBe(1);
    await database.db.catalog.replaceCatalog(contents);
    const again = await database.db.catalog.loadSnapshot();
    expect([...again.endpointsByModel.values()].flat().some(({ id }) => id === endpoint.id)).toBe(true);
  });

  test('refuses contents that contradict themselves and stays as it was', async () => {
    const { version } = await database.db.catalog.loadSnapshot();
    await expect(database.db.catalog.replaceCatalog({ ...contents, models: [] })).rejects.toMatchObject({
      code: 'internal',
    });
    expect((await database.db.catalog.loadSnapshot()).version).toBe(version);
  });

  test('does not sell an endpoint whose price is not in force yet', async () => {
    const endpoint = endpointOf(contents, 2);
    await sql.query(
      "SET session_replication_role = replica; UPDATE price_sheet SET effective_from = now() + interval '1 day' WHERE endpoint_id = '" +
        endpoint.id +
        "'",
    );
    const snapshot = await database.db.catalog.loadSnapshot();
    await sql.query(
      "UPDATE price_sheet SET effective_from = now() - interval '1 day' WHERE endpoint_id = '" +
        endpoint.id +
        "'; SET session_replication_role = DEFAULT",
    );
    expect([...snapshot.endpointsByModel.values()].flat().some(({ id }) => id === endpoint.id)).toBe(false);
  });

  test('cannot change or lose a price that somebody was charged by', async () => {
    await expect(sql.query("UPDATE price_sheet SET lines = '[]'")).rejects.toThrow('append-only');
    await expect(sql.query('DELETE FROM price_sheet')).rejects.toThrow('append-only');
  });

  test('can be replaced from several places at once', async () => {
    const fresh = { ...contents, authors: [...contents.authors, { slug: 'zz-new', name: 'New' }] };
    const results = await Promise.all([1, 2, 3].map(() => database.db.catalog.replaceCatalog(fresh)));
    expect(results.filter(({ isChanged }) => isChanged)).toHaveLength(1);
  });
});

describe('apps', () => {
  test('are one by origin and path, however they are written, and take a new title', async () => {
    const first = await database.db.apps.resolve({ url: 'https://Example.com/Chat/?utm=1#x', title: 'One' });
    const second = await database.db.apps.resolve({ url: 'https://example.com/chat', title: 'Two' });
    expect(second).toMatchObject({ id: first.id, url: 'https://example.com/chat', title: 'Two' });
    expect(await database.db.apps.resolve({ url: 'https://example.com/chat', title: null })).toMatchObject({
      title: 'Two',
    });
    expect(await database.db.apps.get(first.id)).toMatchObject({ title: 'Two' });
    expect(await database.db.apps.get(999_999)).toBeNull();
  });

  test('are made once when two requests bring them at once', async () => {
    const app = { url: 'https://race.example/', title: 'Race' };
    const made = await Promise.all(Array.from({ length: 20 }, () => database.db.apps.resolve(app)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  });

  test('survive any text that a header can carry', async () => {
    const odd = await database.db.apps.resolve({ url: 'not a url', title: `${'x'.repeat(5_000)}\u0000\ud800` });
    expect(odd.title.length).toBeLessThanOrEqual(200);
  });
});

describe('generations and rankings', () => {
  const now = new Date('2026-11-22T12:30:00Z');
  const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000);

  async function run(
    owner: Awaited<ReturnType<typeof tenant>>,
    overrides: Partial<GenerationRecord>,
    charge = 10,
  ): Promise<GenerationRecord> {
    const record = generationRecord(owner, overrides);
    await database.db.ledger.settle({ charge: nano(charge), cost: nano(1), providerSlug: 'sandbox-north', record });
    return record;
  }

  test('a stored generation is the recorded one with its money', async () => {
    const owner = await tenant(database.db, 1_000);
    const app = await database.db.apps.resolve({ url: 'https://app.example', title: 'App' });
    const record = generationRecord(owner, {
      appId: app.id,
      usage: { input: 10, output: 5, output_reasoning: 2 },
      receipt: {
        lines: [{ meter: 'input', quantity: 10, price: picodollarsPerUnit(150_000n) }],
        priceSheetId: 'sheet',
        markupBps: 500,
        rounding: 'ceil-nanodollar-once',
      },
      attempts: [
        { endpoint: 'a', status: 429 },
        { endpoint: 'b', status: 200 },
      ],
      flags: ['estimated'],
      endUser: 'alice',
    });
    await database.db.ledger.settle({ charge: nano(10), cost: nano(9), providerSlug: 'sandbox-north', record });
    const stored = await database.db.generations.find(record);
    expect(stored).toEqual({
      ...record,
      charge: 10n,
      cost: 9n,
      flags: ['estimated', 'no_hold'],
      appTitle: 'App',
      appUrl: 'https://app.example',
      recordedAt: expect.any(Date),
      leaseId: null,
      payment: { paid: 0n, promo: 10n, overrun: 0n, refunded: 0n },
      priceOrigin: null,
    });
  });

  test('a generation of another organization is not found, listed or counted', async () => {
    const [owner, stranger] = [await tenant(database.db, 1_000), await tenant(database.db, 1_000)];
    const { id } = await run(owner, {});
    const { organizationId } = stranger;
    expect(await database.db.generations.find({ id, organizationId })).toBeNull();
    expect((await database.db.generations.list({ organizationId, page: { limit: 10 } })).rows).toEqual([]);
    expect(
      await database.db.generations.summary({ organizationId, filters: { apiKeyId: owner.apiKeyId } }),
    ).toMatchObject({ requests: 0 });
    expect(await database.db.generations.activity({ organizationId })).toEqual([]);
    expect((await database.db.ledger.listEntries(organizationId, { limit: 10 })).rows.map(({ kind }) => kind)).toEqual([
      'grant',
    ]);
  });

  test('a list can be walked page by page in every order, without gaps or repetitions', async () => {
    const owner = await tenant(database.db, 10_000);
    const { organizationId } = owner;
    for (let index = 0; index < 25; index += 1) {
      await run(owner, { createdAt: ago(index % 5), inputTokens: index % 4 }, index % 3);
    }
    for (const sort of ['newest', 'oldest', 'charge', 'tokens'] as const) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await database.db.generations.list({
          organizationId,
          sort,
          page: { limit: 7, ...(cursor ? { cursor } : {}) },
        });
        seen.push(...page.rows.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor);
      expect(seen).toHaveLength(25);
      expect(new Set(seen).size).toBe(25);
      const whole = await database.db.generations.list({ organizationId, sort, page: { limit: 100 } });
      expect(whole.rows.map(({ id }) => id)).toEqual(seen);
    }
    await expect(
      database.db.generations.list({ organizationId, page: { limit: 7, cursor: 'bm9wZQ' } }),
    ).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test('filters narrow lists and sums alike', async () => {
    const owner = await tenant(database.db, 10_000);
    const { organizationId } = owner;
    await run(owner, { modelSlug: 'a/one', createdAt: ago(2) }, 5);
    await run(owner, { modelSlug: 'a/two', createdAt: ago(50), end: 'client_cancelled' }, 7);
    const match = async (filters: NonNullable<Parameters<typeof database.db.generations.summary>[0]['filters']>) => {
      const { rows } = await database.db.generations.list({ organizationId, filters, page: { limit: 10 } });
      const summary = await database.db.generations.summary({ organizationId, filters });
      expect(summary.requests).toBe(rows.length);
      return rows.map(({ modelSlug }) => modelSlug);
    };
    expect(await match({ modelSlug: 'a/one' })).toEqual(['a/one']);
    expect(await match({ end: 'client_cancelled' })).toEqual(['a/two']);
    expect(await match({ from: ago(3) })).toEqual(['a/one']);
    expect(await match({ to: ago(3) })).toEqual(['a/two']);
    expect(await match({ providerSlug: 'elsewhere' })).toEqual([]);
    expect(await match({})).toEqual(['a/one', 'a/two']);
    const activity = await database.db.generations.activity({ organizationId });
    expect(activity.map(({ date, modelSlug, charge }) => [date, modelSlug, charge])).toEqual([
      ['2026-11-22', 'a/one', 5n],
      ['2026-11-20', 'a/two', 7n],
    ]);
  });

  const rollups = async () => {
    const { rows } = await sql.query<{ text: string }>(
      'SELECT r::text AS text FROM rollup_hourly r UNION ALL SELECT r::text FROM rollup_daily r ORDER BY 1',
    );
    return rows.map(({ text }) => text);
  };

  test('rollups count what was recorded, the same however often, in parallel, or from scratch', async () => {
    const owner = await tenant(database.db, 10_000);
    await run(owner, { modelSlug: 'b/old', createdAt: ago(24 * 40), isDemo: true });
    await run(owner, { modelSlug: 'b/new', createdAt: ago(1), end: 'upstream_error' });
    await database.db.rankings.refreshRollups();
    const once = await rollups();
    expect(once.length).toBeGreaterThan(4);
    await Promise.all([
      database.db.rankings.refreshRollups(),
      database.db.rankings.refreshRollups({ since: ago(10_000) }),
    ]);
    expect(await rollups()).toEqual(once);
    await sql.query("UPDATE rollup_hourly SET requests = 999; DELETE FROM rollup_daily WHERE model_slug = 'b/old'");
    await database.db.rankings.rebuildRollups({ from: ago(24 * 60), to: new Date(now.getTime() + 3_600_000 * 24) });
    expect(await rollups()).toEqual(once);
    const { rows } = await sql.query(
      'SELECT (SELECT sum(requests) FROM rollup_hourly) = (SELECT count(*) FROM generation) AS hours, (SELECT sum(charge_nanodollars) FROM rollup_daily) = (SELECT sum(charge_nanodollars) FROM generation) AS days',
    );
    expect(rows).toEqual([{ hours: true, days: true }]);
  });

  test('rankings order by tokens, compare with the period before, and say when demo data is among them', async () => {
    await sql.query('TRUNCATE generation, rollup_hourly, rollup_daily, rollup_state');
    const { rankings } = database.db;
    expect(await rankings.isDemoMarket()).toBe(false);
    const owner = await tenant(database.db, 10_000);
    const app = await database.db.apps.resolve({ url: 'https://ranked.example', title: 'Ranked' });
    const tokens = (modelSlug: string, inputTokens: number, hours: number, rest: Partial<GenerationRecord> = {}) =>
      run(owner, { modelSlug, inputTokens, outputTokens: 0, createdAt: ago(hours), ...rest });
    await tokens('m/small', 10, 1, { appId: app.id });
    await tokens('m/big', 300, 2);
    await tokens('m/big', 200, 30);
    await tokens('n/other', 50, 24 * 9, { isDemo: true });
    await rankings.refreshRollups();
    expect(await rankings.topModels({ period: 'day', now })).toMatchObject([
      { rank: 1, modelSlug: 'm/big', tokens: 300, requests: 1, change: 0.5 },
      { rank: 2, modelSlug: 'm/small', tokens: 10, change: null },
    ]);
    expect((await rankings.topModels({ period: 'month', now, limit: 1 })).map(({ modelSlug }) => modelSlug)).toEqual([
      'm/big',
    ]);
    expect(await rankings.marketShareByAuthor({ period: 'month', now })).toEqual([
      { authorSlug: 'm', tokens: 510, share: 510 / 560 },
      { authorSlug: 'n', tokens: 50, share: 50 / 560 },
    ]);
    expect(await rankings.topApps({ period: 'week', now })).toMatchObject([
      { rank: 1, tokens: 10, app: { title: 'Ranked' } },
    ]);
    expect(await rankings.topApps({ period: 'week', now, modelSlug: 'm/big' })).toEqual([]);
    const overTime = await rankings.tokensByModelOverTime({ period: 'month', now, limit: 1 });
    expect(overTime.map(({ modelSlug, tokens: count }) => [modelSlug, count])).toEqual([
      ['other', 50],
      ['m/big', 200],
      ['m/big', 300],
      ['other', 10],
    ]);
    expect(await rankings.rankingsDaily({ startDate: '2026-11-13', endDate: '2026-11-22' })).toEqual([
      { date: '2026-11-13', modelSlug: 'n/other', tokens: 50 },
      { date: '2026-11-21', modelSlug: 'm/big', tokens: 200 },
      { date: '2026-11-22', modelSlug: 'm/big', tokens: 300 },
      { date: '2026-11-22', modelSlug: 'm/small', tokens: 10 },
    ]);
    expect(await rankings.modelUsage({ modelSlug: 'm/big', now })).toMatchObject([
      { date: '2026-11-21', inputTokens: 200 },
      { date: '2026-11-22', inputTokens: 300, charge: 10n },
    ]);
    expect(await rankings.isDemoMarket()).toBe(true);
  });
});

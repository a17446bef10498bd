import { createTestDatabase, type TestDatabase } from '@bourse/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approve, reject } from './review.ts';
import type { PiModel } from './sources/pi-ai.ts';
import type { Sources } from './sources/sources.ts';
import { syncCatalog } from './sync.ts';
import { installedSources } from './write-catalog.ts';

const sources = installedSources();
/** At OpenRouter alone, so that no other quote tells what it should cost. */
const SLUG = 'sakana/fugu-max';
const ENDPOINT = `${SLUG}@openrouter`;

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database.drop();
});

/** The sources, a version later, with the lists of pi-ai changed. */
function later(change: (model: PiModel, list: string) => PiModel | null, release = '9.9.9'): Sources {
  const pi = new Map(
    [...sources.pi].map(([list, models]) => [list, models.flatMap((model) => change(model, list) ?? [])]),
  );
  return { ...sources, pi, piVersion: { package: `@earendil-works/pi-ai@${release}`, publishedOn: '2026-11-21' } };
}

const priced = (times: number, id = SLUG) =>
  later((model, list) => {
    if (list !== 'openrouter' || model.id !== id) return model;
    const { input, output } = model.cost;
    return { ...model, cost: { ...model.cost, input: input * times, output: output * times } };
  });

const sync = (what: Sources, isDryRun = false) => syncCatalog(database.db, () => what, { isDryRun });
async function inputPrice(id = ENDPOINT): Promise<bigint | undefined> {
  const { endpointsByModel } = await database.db.catalog.loadSnapshot();
  const endpoint = [...endpointsByModel.values()].flat().find((each) => each.id === id);
  return endpoint?.prices.lines.find(({ meter, aboveInputTokens }) => meter === 'input' && aboveInputTokens === 0)
    ?.price;
}
const pending = () => database.db.catalogProposals.list({ status: 'pending' });

describe('pnpm catalog:sync', () => {
  test('finds nothing to do in what is installed, however often it runs', async () => {
    const version = await database.db.catalog.currentVersion();
    expect(await sync(sources)).toMatchObject({ outcome: 'unchanged', applied: [], held: [] });
    expect(await sync(sources)).toMatchObject({ outcome: 'unchanged' });
    expect(await database.db.catalog.currentVersion()).toBe(version);
  });

  test('lets a small fall of a price go live, once, with the day from which it holds', async () => {
    expect(await inputPrice()).toBe(2_000_000n);
    expect(await sync(priced(0.9), true)).toMatchObject({ outcome: 'applied' });
    expect(await inputPrice()).toBe(2_000_000n);
    expect(await sync(priced(0.9))).toMatchObject({ outcome: 'applied', applied: [{ subject: ENDPOINT }] });
    expect(await inputPrice()).toBe(1_800_000n);
    const version = await database.db.catalog.currentVersion();
    expect(await sync(priced(0.9))).toMatchObject({ outcome: 'unchanged' });
    expect(await database.db.catalog.currentVersion()).toBe(version);
    const history = await database.db.catalogHistory.priceHistory({ endpointId: ENDPOINT });
    expect(history.map(({ prices }) => prices.lines.find(({ meter }) => meter === 'input')?.price)).toEqual([
      1_800_000n,
      2_000_000n,
    ]);
    expect(history[1]?.effectiveTo).toEqual(history[0]?.prices.effectiveFrom);
    const [change] = await database.db.catalogHistory.changes({ kinds: ['price_changed'] });
    expect(change).toMatchObject({ endpointId: ENDPOINT });
  });

  test('keeps a jump from going live until a person approves it, and never asks twice', async () => {
    expect(await sync(priced(1.3))).toMatchObject({ outcome: 'held', held: [{ subject: ENDPOINT }] });
    await sync(priced(1.3));
    expect(await inputPrice()).toBe(2_000_000n);
    const [proposal, ...others] = await pending();
    expect(others).toEqual([]);
    expect(proposal?.reasons[0]).toBe('input 2 -> 2.6 (+30 %)');
    const decision = { id: proposal?.id ?? 0, actor: 'somebody', note: 'announced by the provider' };
    expect(await approve(database.db, decision)).toBe('done');
    expect(await approve(database.db, decision)).toBe('not_pending');
    expect(await inputPrice()).toBe(2_600_000n);
    expect(await sync(priced(1.3))).toMatchObject({ outcome: 'unchanged', held: [] });
  });

  test('applies what was approved before a crash, or before a restart took it back', async () => {
    await sync(priced(1.3));
    const [proposal] = await pending();
    const decision = { id: proposal?.id ?? 0, status: 'approved', actor: 'somebody', note: null } as const;
    await database.db.catalogProposals.decide(decision); // and dies
    expect(await inputPrice()).toBe(2_000_000n);
    expect(await sync(priced(1.3))).toMatchObject({ outcome: 'applied' });
    expect(await inputPrice()).toBe(2_600_000n);
  });

  test('does not ask again about what was rejected, and drops what the sources take back', async () => {
    await sync(priced(1.3));
    const [proposal] = await pending();
    expect(await reject(database.db, { id: proposal?.id ?? 0, actor: 'somebody', note: null })).toBe('done');
    await sync(priced(1.3));
    expect(await pending()).toEqual([]);
    await sync(priced(1.5));
    expect((await pending()).length).toBe(1);
    await sync(sources);
    expect(await pending()).toEqual([]);
    expect((await database.db.catalogProposals.list({ status: 'superseded' })).length).toBe(1);
  });

  test('is safe to run twice at once, with the same sources and with others', async () => {
    const runs = await Promise.all([sync(priced(0.9)), sync(priced(0.9)), sync(priced(0.9))]);
    expect(runs.map(({ applied }) => applied.length).toSorted()).toEqual([0, 0, 1]);
    await Promise.all([sync(priced(1.4)), sync(priced(1.4))]);
    expect((await pending()).length).toBe(1);
    const history = await database.db.catalogHistory.priceHistory({ endpointId: ENDPOINT });
    expect(history.length).toBe(2);
  });

  test('puts a model with full facts on sale, and takes one off when it leaves', async () => {
    const [model] = sources.pi.get('openrouter')?.filter(({ id }) => id === SLUG) ?? [];
    if (model === undefined) return expect.unreachable('the source has the model');
    const fresh: PiModel = { ...model, id: 'sakana/fugu-next', name: 'Sakana: Fugu Next' };
    const pi = new Map([...sources.pi, ['openrouter', [...(sources.pi.get('openrouter') ?? []), fresh]]] as const);
    const report = await sync({ ...sources, pi });
    expect(report.applied.map(({ subject }) => subject)).toEqual(['sakana/fugu-next@openrouter']);
    expect(await inputPrice('sakana/fugu-next@openrouter')).toBe(2_000_000n);
    const [added] = await database.db.catalogHistory.changes({ kinds: ['model_added'] });
    expect(added).toMatchObject({ modelSlug: 'sakana/fugu-next' });
    expect(await sync(sources)).toMatchObject({ outcome: 'applied', applied: [{ subject: 'catalog' }] });
    expect((await database.db.catalog.loadSnapshot()).models.has('sakana/fugu-next')).toBe(false);
  });
});

describe('a feed that is malformed or absurd never goes live', () => {
  const cut = later((model, list) => (list === 'openrouter' && model.id > 'm' ? null : model));
  const lists = (change: (lists: Map<string, readonly PiModel[]>) => void): Sources => {
    const pi = new Map(sources.pi);
    change(pi);
    return { ...sources, pi };
  };
  const withCost = (cost: Partial<PiModel['cost']>) =>
    later((model, list) =>
      list === 'openrouter' && model.id === SLUG ? { ...model, cost: { ...model.cost, ...cost } } : model,
    );

  test.each([
    ['a thousand times the price', priced(1_000), 'held'],
    ['a thousandth of it', priced(0.001), 'held'],
    ['no price for prompts', withCost({ input: 0 }), 'held'],
    ['nothing for anything', withCost({ input: 0, output: 0 }), 'held'],
    ['no number', withCost({ input: Number.NaN }), 'refused'],
    ['a negative price', withCost({ input: -1 }), 'refused'],
    ['infinity', withCost({ output: Number.POSITIVE_INFINITY }), 'refused'],
    ['half of a list', cut, 'held'],
    ['a list that is missing', lists((pi) => pi.delete('xai')), 'refused'],
    ['a list that is empty', lists((pi) => pi.set('fireworks', [])), 'refused'],
  ] as const)('%s', async (_what, feed, outcome) => {
    const before = await database.db.catalog.loadSnapshot();
    const report = await sync(feed);
    expect(report.outcome).toBe(outcome);
    const after = await database.db.catalog.loadSnapshot();
    const changed = [...before.endpointsByModel.values()].flat().filter(({ id, modelSlug, prices }) => {
      const now = after.endpointsByModel.get(modelSlug)?.find((each) => each.id === id);
      return now !== undefined && JSON.stringify(now.prices.lines, text) !== JSON.stringify(prices.lines, text);
    });
    expect(changed).toEqual([]);
    expect(after.models.size).toBe(before.models.size);
    expect([...after.endpointsByModel.values()].flat().length).toBe(
      [...before.endpointsByModel.values()].flat().length,
    );
    const { lastSync } = await database.db.catalogProposals.state();
    expect(lastSync?.outcome).toBe(outcome);
    if (outcome === 'refused') expect(lastSync?.problem).toBeTruthy();
  });

  test('a source that cannot be read at all', async () => {
    const version = await database.db.catalog.currentVersion();
    const report = await syncCatalog(database.db, () => JSON.parse('{"models": {{'), { isDryRun: false });
    expect(report).toMatchObject({ outcome: 'refused', source: 'unread' });
    expect(await database.db.catalog.currentVersion()).toBe(version);
    expect((await database.db.catalogProposals.state()).lastSync).toMatchObject({ outcome: 'refused' });
  });

  test('a kind of price, a currency or a unit that nobody knows', async () => {
    const providerOf: Sources['genai']['providerOf'] = (id) => {
      const provider = sources.genai.providerOf(id);
      if (provider === undefined || id !== 'x-ai') return provider;
      return { ...provider, models: provider.models.map((model) => ({ ...model, prices: { input_eur_mtok: 1 } })) };
    };
    const report = await sync({ ...sources, genai: { ...sources.genai, providerOf } });
    expect(report).toMatchObject({ outcome: 'refused', applied: [] });
    expect(report.problem).toContain('unknown kind of price');
  });
});

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

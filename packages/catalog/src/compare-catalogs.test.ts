import { picodollarsPerUnit } from '@bourse/money';
import { describe, expect, test } from 'vitest';
import { applyEdits, type CatalogEdit, readEdit, writeEdit } from './catalog-edit.ts';
import { compareCatalogs, OWN_SOURCE, withNewerReadings } from './compare-catalogs.ts';
import { buildSnapshot, type CatalogData, loadCatalogData } from './data.ts';
import type { Endpoint } from './types.ts';

const live = loadCatalogData();
const isSandbox = new Set(live.providers.filter((provider) => provider.isSandbox).map(({ slug }) => slug));
const real = live.endpoints.filter(({ providerSlug, modelSlug }) => {
  const isFree = modelSlug.endsWith(':free');
  return !isSandbox.has(providerSlug) && !isFree;
});
const some = real.find(({ id }) => id === 'openai/gpt-4o-mini@openai');
if (some === undefined) throw new Error('the catalog sells GPT-4o mini');
const subject: Endpoint = some;

function withEndpoint(change: (endpoint: Endpoint) => Endpoint, catalog: CatalogData = live): CatalogData {
  return { ...catalog, endpoints: catalog.endpoints.map((each) => (each.id === subject.id ? change(each) : each)) };
}

/** Every price times `of` hundredths. */
function priced(endpoint: Endpoint, of: bigint): Endpoint {
  const lines = endpoint.prices.lines.map((line) => ({ ...line, price: picodollarsPerUnit((line.price * of) / 100n) }));
  return { ...endpoint, prices: { ...endpoint.prices, lines } };
}

const at = (of: bigint): CatalogData => withEndpoint((endpoint) => priced(endpoint, of));
const without = (isGone: (endpoint: Endpoint) => boolean): CatalogData => ({
  ...live,
  endpoints: live.endpoints.filter((endpoint) => !isGone(endpoint)),
});
const held = (wanted: CatalogData, from: CatalogData = live) =>
  compareCatalogs(from, wanted).filter(({ reasons }) => reasons.length > 0);
const ready = (wanted: CatalogData, from: CatalogData = live) =>
  compareCatalogs(from, wanted).filter(({ reasons }) => reasons.length === 0);

describe('a comparison of catalogs', () => {
  test('finds nothing between equal ones, and nothing once its edits are done', () => {
    expect(compareCatalogs(live, live)).toEqual([]);
    const old = without(({ providerSlug }) => providerSlug === 'xiaomi');
    const edits = compareCatalogs(old, at(95n));
    const edited = applyEdits(
      old,
      edits.map(({ edit }) => edit),
    );
    expect(compareCatalogs(edited, at(95n))).toEqual([]);
    expect(() => buildSnapshot(edited, 'test')).not.toThrow();
  });

  test('lets prices move by a fifth, and no further, up or down', () => {
    for (const of of [80n, 99n, 101n, 120n]) {
      expect(held(at(of)), `${of}`).toEqual([]);
      expect(ready(at(of)).map(({ edit }) => edit.kind)).toEqual(['change_prices']);
    }
    for (const of of [0n, 1n, 79n, 121n, 150n, 100_000n]) {
      expect(ready(at(of)), `${of}`).toEqual([]);
      expect(held(at(of)).map((each) => each.subject)).toEqual([subject.id]);
    }
    expect(held(at(100_000n))[0]?.reasons[0]).toBe('input 0.15 -> 150 (+99900 %)');
    expect(held(at(0n))[0]?.reasons[0]).toBe('input costs nothing');
  });

  test('holds a price that vanishes or appears, a tier that makes it dearer, and lets a cache become cheaper', () => {
    const lines = subject.prices.lines;
    const change = (wanted: Endpoint['prices']['lines']) =>
      withEndpoint((endpoint) => ({ ...endpoint, prices: { ...endpoint.prices, lines: wanted } }));
    expect(held(change(lines.filter(({ meter }) => meter !== 'input_cache_read')))[0]?.reasons).toEqual([
      'input_cache_read 0.075 -> none',
    ]);
    const search = { meter: 'request', price: picodollarsPerUnit(1n), aboveInputTokens: 0 } as const;
    expect(held(change([...lines, search]))[0]?.reasons).toEqual(['request had no price']);
    const input = lines.find(({ meter }) => meter === 'input');
    if (input === undefined) return expect.unreachable('it has a price for input');
    const tier = { ...input, price: picodollarsPerUnit(input.price * 2n), aboveInputTokens: 1_000 };
    expect(held(change([...lines, tier]))[0]?.reasons[0]).toContain('input above 1000 tokens');
    const uncached = change(lines.filter(({ meter }) => meter !== 'input_cache_read'));
    expect(held(live, uncached)).toEqual([]);
  });

  test('lets a few endpoints go, and asks before many, or most of a provider, go', () => {
    expect(ready(without(({ id }) => id === subject.id)).map(({ edit }) => edit)).toEqual([
      { kind: 'remove_endpoints', endpointIds: [subject.id] },
    ]);
    const half = held(without(({ id }) => real.findIndex((each) => each.id === id) % 2 === 1));
    expect(half.map((each) => each.subject)).toEqual(['catalog']);
    expect(half[0]?.reasons[0]).toContain('would go at once');
    const provider = held(without(({ providerSlug }) => providerSlug === 'avian'));
    expect(provider[0]?.reasons).toEqual(['avian would lose 13 endpoints, most of what it sells']);
    const nothing = held(without(({ providerSlug }) => !isSandbox.has(providerSlug)));
    expect(nothing.length).toBe(1);
  });

  test('asks when a third of all prices move at once, however little', () => {
    const all = { ...live, endpoints: live.endpoints.map((each) => priced(each, 101n)) };
    expect(ready(all).filter(({ edit }) => edit.kind === 'change_prices')).toEqual([]);
    expect(held(all)[0]?.reasons.at(-1)).toContain('other prices at once');
  });

  test('takes a new model with what it needs, unless its prices are absurd', () => {
    const old = without(({ modelSlug }) => modelSlug === 'xiaomi/mimo-v2.6-pro');
    const unknown = { ...old, models: old.models.filter(({ slug }) => slug !== 'xiaomi/mimo-v2.6-pro') };
    const added = ready(live, unknown).filter(({ edit }) => edit.kind === 'add_endpoint');
    expect(added.map((each) => each.subject)).toContain('xiaomi/mimo-v2.6-pro@xiaomi');
    const edited = applyEdits(
      unknown,
      added.map(({ edit }) => edit),
    );
    expect(edited.models.some(({ slug }) => slug === 'xiaomi/mimo-v2.6-pro')).toBe(true);
    const fresh = without(({ id }) => id === subject.id);
    expect(held(at(0n), fresh)[0]?.reasons).toContain('input costs nothing');
    expect(held(at(10_000_000n), fresh)[0]?.reasons.join()).toContain('per million');
    expect(held(at(1n), fresh)[0]?.reasons.join()).toContain('where others ask');
  });

  test('asks about a provider that is new, and a window that grows by a digit', () => {
    const old = { ...without(({ providerSlug }) => providerSlug === 'avian') };
    const unknown = { ...old, providers: old.providers.filter(({ slug }) => slug !== 'avian') };
    expect(held(live, unknown)[0]?.reasons).toContain('the provider avian is new');
    const wide = withEndpoint((each) => ({ ...each, contextTokensMax: each.contextTokensMax * 10 }));
    expect(held(wide)[0]?.reasons[0]).toContain('the context');
    const described = withEndpoint((each) => ({ ...each, supportedParameters: ['max_tokens'] }));
    expect(ready(described).map(({ edit }) => edit.kind)).toEqual(['change_endpoint']);
  });

  test('leaves alone what operators set, what they serve themselves, and the sandbox', () => {
    const own = { ...subject, id: 'own/model@own', prices: { ...subject.prices, sourceUrl: OWN_SOURCE } };
    const set = withEndpoint((each) => ({ ...each, markupBps: 700, isEnabled: false }));
    const mine = { ...set, endpoints: [...set.endpoints, own] };
    expect(compareCatalogs(mine, live)).toEqual([]);
    const moved = applyEdits(
      mine,
      compareCatalogs(mine, at(90n)).map(({ edit }) => edit),
    );
    expect(moved.endpoints.find(({ id }) => id === subject.id)).toMatchObject({ markupBps: 700, isEnabled: false });
    expect(
      compareCatalogs(
        live,
        without(({ providerSlug }) => isSandbox.has(providerSlug)),
      ),
    ).toEqual([]);
  });

  test('notes newer readings of the same prices, and never older ones', () => {
    const on = (checkedOn: string) => withEndpoint((each) => ({ ...each, prices: { ...each.prices, checkedOn } }));
    const dayOf = ({ endpoints }: CatalogData) => endpoints.find(({ id }) => id === subject.id)?.prices.checkedOn;
    expect(compareCatalogs(live, on('2027-01-01'))).toEqual([]);
    expect(dayOf(withNewerReadings(live, on('2027-01-01')))).toBe('2027-01-01');
    expect(dayOf(withNewerReadings(live, on('2020-01-01')))).toBe(subject.prices.checkedOn);
  });
});

describe('an edit', () => {
  test('of every kind comes back from JSON as it was', () => {
    const old = without(({ providerSlug }) => providerSlug === 'avian');
    const wanted = withEndpoint((each) => ({ ...priced(each, 90n), quantization: 'fp8' }));
    const gone = { ...wanted, endpoints: wanted.endpoints.filter(({ providerSlug }) => providerSlug !== 'xai') };
    const models = gone.models.map((model) => (model.slug === subject.modelSlug ? { ...model, name: 'Other' } : model));
    const edits = compareCatalogs(old, { ...gone, models, aliases: gone.aliases.slice(1) }).map(({ edit }) => edit);
    const kinds: readonly CatalogEdit['kind'][] = [
      'add_endpoint',
      'change_endpoint',
      'change_model',
      'change_prices',
      'remove_endpoints',
      'set_aliases',
    ];
    expect([...new Set(edits.map(({ kind }) => kind))].toSorted()).toEqual(kinds);
    for (const edit of edits) expect(readEdit(JSON.parse(JSON.stringify(writeEdit(edit))))).toEqual(edit);
    expect(() => readEdit({ kind: 'drop_everything' })).toThrow();
  });

  test('of prices that have changed since is refused, and one that was done already changes nothing', () => {
    const [edit] = compareCatalogs(live, at(90n)).map((each) => each.edit);
    if (edit === undefined) return expect.unreachable('the prices differ');
    const once = applyEdits(live, [edit]);
    expect(applyEdits(once, [edit])).toEqual(once);
    expect(() => applyEdits(at(50n), [edit])).toThrow('have changed since');
  });
});

import { picodollarsPerUnit } from '@bourse/money';
import { describe, expect, test } from 'vitest';
import type { ModelSummary } from '../../../data/catalog.ts';
import { facetsOf, type ModelFilters, orderOf, pageOf, passesFilters, sortModels } from './filter-models.ts';

const none: ModelFilters = {
  q: '',
  author: [],
  provider: [],
  input: [],
  output: [],
  zdr: false,
  param: [],
  context: 0,
  price: -1,
  routable: false,
};

function model(slug: string, changes: Partial<ModelSummary> = {}): ModelSummary {
  const [author = '', name = ''] = slug.split('/');
  return {
    slug,
    name,
    author: { slug: author, name: author.toUpperCase() },
    description: '',
    releasedOn: null,
    contextTokensMax: 128_000,
    inputModalities: ['text'],
    outputModalities: ['text'],
    supportedParameters: [],
    inputPrice: picodollarsPerUnit(1_000_000n),
    outputPrice: picodollarsPerUnit(2_000_000n),
    providers: [{ slug: 'north', name: 'North', isConfigured: true }],
    isRoutable: true,
    isSandbox: false,
    hasZdr: false,
    expiresOn: null,
    tokensThisWeek: 0,
    ...changes,
  };
}

const slugs = (models: readonly ModelSummary[]) => models.map((each) => each.slug);

describe('passesFilters', () => {
  const sprint = model('acme/sprint-2', { inputModalities: ['text', 'image'], supportedParameters: ['seed', 'tools'] });

  test.each<[string, Partial<ModelFilters>, boolean]>([
    ['no filter lets everything through', {}, true],
    ['every word must occur, in any order and case', { q: 'SPRINT acme' }, true],
    ['a word that occurs nowhere excludes', { q: 'sprint marathon' }, false],
    ['authors widen one another', { author: ['other', 'acme'] }, true],
    ['another author excludes', { author: ['other'] }, false],
    ['all chosen modalities are needed', { input: ['text', 'audio'] }, false],
    ['all chosen parameters are needed', { param: ['seed', 'tools'] }, true],
    ['the context must be large enough', { context: 200_000 }, false],
    ['a price at the limit passes', { price: 1 }, true],
    ['a price above the limit does not', { price: 0.99 }, false],
    ['free means free', { price: 0 }, false],
    ['what can be called passes', { routable: true }, true],
    ['what it does not make excludes', { output: ['image'] }, false],
    ['where everything is stored it is left out', { zdr: true }, false],
  ])('%s', (_promise, filters, passes) => {
    expect(passesFilters(sprint, { ...none, ...filters })).toBe(passes);
  });

  test('an unknown price is not cheap, and unknown availability is not available', () => {
    expect(passesFilters(model('a/b', { inputPrice: null }), { ...none, price: 5 })).toBe(false);
    expect(passesFilters(model('a/b', { isRoutable: null }), { ...none, routable: true })).toBe(false);
  });
});

describe('sortModels', () => {
  const cheap = model('a/cheap', { inputPrice: picodollarsPerUnit(1n), tokensThisWeek: 5, releasedOn: '2026-01-01' });
  const dear = model('a/dear', { inputPrice: picodollarsPerUnit(9n), tokensThisWeek: 9, releasedOn: '2025-01-01' });
  const unpriced = model('a/unpriced', { inputPrice: null, tokensThisWeek: 7 });
  const all = [dear, unpriced, cheap];

  test('each sort begins where people expect it to', () => {
    expect(slugs(sortModels(all, { sort: 'popular', order: null }))).toEqual(['a/dear', 'a/unpriced', 'a/cheap']);
    expect(slugs(sortModels(all, { sort: 'newest', order: null }))).toEqual(['a/cheap', 'a/dear', 'a/unpriced']);
    expect(slugs(sortModels(all, { sort: 'name', order: null }))).toEqual(['a/cheap', 'a/dear', 'a/unpriced']);
    expect(orderOf({ sort: 'input-price', order: null })).toBe('up');
  });

  test('models without a price come last in both directions', () => {
    const up = slugs(sortModels(all, { sort: 'input-price', order: 'up' }));
    const down = slugs(sortModels(all, { sort: 'input-price', order: 'down' }));
    expect(up).toEqual(['a/cheap', 'a/dear', 'a/unpriced']);
    expect(down).toEqual(['a/dear', 'a/cheap', 'a/unpriced']);
  });
});

describe('facetsOf', () => {
  const models = [
    model('acme/one', { supportedParameters: ['seed'] }),
    model('acme/two', { supportedParameters: ['seed', 'tools'] }),
    model('bell/three', { supportedParameters: ['tools'] }),
  ];
  const counts = (options: readonly { value: string; count: number }[]) =>
    Object.fromEntries(options.map(({ value, count }) => [value, count]));

  test('counts of authors ignore the chosen author, because another one would be added', () => {
    expect(counts(facetsOf(models, { ...none, author: ['bell'] }).author)).toEqual({ acme: 2, bell: 1 });
  });

  test('counts of parameters respect the chosen ones, because another one narrows further', () => {
    expect(counts(facetsOf(models, { ...none, param: ['seed'] }).param)).toEqual({ seed: 2, tools: 1 });
  });

  test('a chosen option stays listed when nothing is left of it', () => {
    expect(counts(facetsOf(models, { ...none, q: 'three', author: ['acme'] }).author)).toEqual({ bell: 1, acme: 0 });
  });
});

test('a page beyond the end is the last one, and an empty list has one page', () => {
  const rows = Array.from({ length: 120 }, (_, row) => row);
  expect(pageOf(rows, 9)).toMatchObject({ page: 3, pages: 3 });
  expect(pageOf(rows, 3).rows).toHaveLength(20);
  expect(pageOf([], -1)).toEqual({ rows: [], page: 1, pages: 1 });
});

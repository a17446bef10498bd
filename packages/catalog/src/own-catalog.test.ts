import { describe, expect, test } from 'vitest';
import { buildSnapshot } from './build-snapshot.ts';
import { loadCatalogData } from './data.ts';
import { withOwnCatalog } from './own-catalog.ts';

const base = loadCatalogData();
const day = '2026-11-22';
const prices = { input: '0', output: '0.5' };
const model = { slug: 'acme/house-8b', contextTokensMax: 8_192 };
const offer = { provider: 'ollama', endpoints: [{ model: 'acme/house-8b', upstreamModel: 'house:8b', prices }] };
const merged = (value: unknown) => withOwnCatalog(base, value, day);

describe('withOwnCatalog', () => {
  test('adds a model on a server of one’s own, and whoever makes and serves it', () => {
    const snapshot = buildSnapshot(merged({ models: [model], offers: [offer] }), 'v');
    const [endpoint] = snapshot.endpointsByModel.get('acme/house-8b') ?? [];
    expect(endpoint).toMatchObject({
      id: 'acme/house-8b@ollama',
      upstreamModel: 'house:8b',
      contextTokensMax: 8_192,
      prices: {
        checkedOn: day,
        lines: [
          { meter: 'input', price: 0n },
          { meter: 'output', price: 500_000n },
        ],
      },
    });
    expect(snapshot.providers.get('ollama')).toMatchObject({ name: 'ollama', isSandbox: false });
    expect(snapshot.models.get('acme/house-8b')).toMatchObject({ name: 'acme/house-8b', authorSlug: 'acme' });
  });

  test('adds a further provider of a model that is known, and keeps all that was there', () => {
    const [known] = base.models.filter(({ isSandbox }) => !isSandbox);
    const endpoints = [{ model: known?.slug, upstreamModel: 'x', contextTokensMax: 1_000, prices }];
    const data = merged({
      offers: [{ provider: 'litellm', endpoints }],
      providers: [{ slug: 'litellm', name: 'Our proxy' }],
    });
    expect(data.models).toEqual(base.models);
    expect(data.endpoints.slice(0, base.endpoints.length)).toEqual(base.endpoints);
    expect(data.providers.at(-1)).toMatchObject({ slug: 'litellm', name: 'Our proxy' });
  });

  test.each([
    ['no object', 7, 'not a catalog'],
    ['no offers', { models: [model] }, 'offers'],
    ['a misspelled field', { models: [{ ...model, contxt: 1 }], offers: [offer] }, 'contxt'],
    [
      'a price that is none',
      { models: [model], offers: [{ ...offer, endpoints: [{ ...offer.endpoints[0], prices: { input: 'free' } }] }] },
      'input',
    ],
    [
      'a model that nobody describes',
      { offers: [{ ...offer, endpoints: [{ ...offer.endpoints[0], contextTokensMax: 1 }] }] },
      'nowhere described',
    ],
    ['an unknown context', { offers: [offer] }, 'contextTokensMax'],
    [
      'a model that is there already',
      { models: [{ ...model, slug: 'sandbox/atlas-1' }], offers: [offer] },
      'sandbox/atlas-1 is in the catalog already',
    ],
    [
      'an endpoint twice',
      { models: [model], offers: [offer, offer] },
      'acme/house-8b@ollama is in the catalog already',
    ],
  ])('%s is refused with a sentence that says what is wrong', (_what, value, sentence) => {
    expect(() => merged(value)).toThrow(sentence);
  });
});

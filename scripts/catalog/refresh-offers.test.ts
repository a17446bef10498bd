import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isSourcedOffer, refreshOffers } from './refresh-offers.ts';

const folder = new URL('../../packages/catalog/data/', import.meta.url);
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const offers = files.map(read).filter(isSourcedOffer);

/** A file of one model that the source knows, at $0.15 in and $0.60 out, with one thing changed. */
function offerOf(change: { readonly upstreamModel?: string; readonly prices?: Record<string, string> } = {}) {
  const entry = {
    model: 'openai/gpt-4o-mini',
    upstreamModel: 'gpt-4o-mini',
    prices: {},
    quantization: null,
    ...change,
  };
  const offer: unknown = { provider: 'host', source: { package: 'any', providerId: 'openai' }, endpoints: [entry] };
  if (!isSourcedOffer(offer)) return expect.unreachable('the test writes a well-formed file');
  return offer;
}

describe('refreshOffers', () => {
  test('finds nothing to change in the committed data', () => {
    expect(offers.length).toBeGreaterThanOrEqual(8);
    for (const offer of offers) {
      const { changedCount, problems } = refreshOffers(offer, { isAccepted: false });
      expect({ changedCount, problems }).toEqual({ changedCount: 0, problems: [] });
    }
  });

  test('fills in a new entry exactly as the price list prints it, and keeps what was curated', () => {
    const { offer, problems } = refreshOffers(offerOf(), { isAccepted: false });
    expect(problems).toEqual([]);
    expect(offer.endpoints[0]).toMatchObject({
      quantization: null,
      prices: { input: '0.15', input_cache_read: '0.075', output: '0.6', web_search: '0.01' },
    });
  });

  test('stops at a price that moves by more than half, until somebody accepts it', () => {
    const moved = offerOf({ prices: { input: '0.05', output: '0.5' } });
    expect(refreshOffers(moved, { isAccepted: false }).problems).toEqual([
      'openai/gpt-4o-mini: input 0.05 -> 0.15 (--accept?)',
    ]);
    expect(refreshOffers(moved, { isAccepted: true }).problems).toEqual([]);
  });

  test('stops at a price that vanishes', () => {
    const { problems } = refreshOffers(offerOf({ prices: { input: '0.15', output: '0.6', request: '1' } }), {
      isAccepted: false,
    });
    expect(problems).toEqual(['openai/gpt-4o-mini: request 1 -> none (--accept?)']);
  });

  test('names a model that the source does not price, instead of keeping an old price silently', () => {
    expect(refreshOffers(offerOf({ upstreamModel: 'nobody-sells-this' }), { isAccepted: true }).problems).toEqual([
      'openai/gpt-4o-mini: the source has no price for nobody-sells-this',
    ]);
  });
});

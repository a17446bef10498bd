import { estimateUpperBound } from '@bourse/billing';
import type { Endpoint } from '@bourse/catalog';
import type { Prompt } from '@bourse/generation';
import { nanodollars, picodollarsPerUnit } from '@bourse/money';
import { openaiChat } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import type { TokenCounter } from '../tokenizer.ts';
import { type Allowance, shortenedTo, spendGuardFor, spentError } from './affordability.ts';

const prompt = openaiChat.decodePrompt({
  model: 'a/m',
  messages: [{ role: 'user', content: 'hi' }],
  max_tokens: 1_000,
});
const price = (amount: bigint) => ({ price: picodollarsPerUnit(amount), aboveInputTokens: 0 });
const endpoint: Endpoint = {
  id: 'a/m@p',
  modelSlug: 'a/m',
  providerSlug: 'p',
  tag: 'p',
  upstreamModel: 'm',
  contextTokensMax: 100_000,
  outputTokensMax: null,
  quantization: null,
  supportedParameters: [],
  prices: {
    id: 'a/m@p/2026-01-01',
    lines: [
      { meter: 'input', ...price(1_000_000n) },
      { meter: 'output', ...price(10_000_000n) },
    ],
    sourceUrl: 'https://p.test/pricing',
    checkedOn: '2026-01-01',
    effectiveFrom: new Date('2026-01-01T00:00:00Z'),
  },
  markupBps: null,
  isEnabled: true,
};
const candidate = { endpoint, markupBps: 0, bound: estimateUpperBound({ prompt, endpoint, markupBps: 0 }) };
const caps = new Map([[endpoint.id, 50]]);
const amount = nanodollars(1_000_000n);
const word: TokenCounter = {
  method: 'words',
  countNow: (text) => text.split(' ').length - 1,
  count: async () => 0,
};
const guardOf = (allowance: Allowance, of: Prompt = prompt) =>
  spendGuardFor({ prompt: of, candidate, allowance }, async () => word);

/** How many words pass before the guard says stop. */
async function wordsWithin(allowance: Allowance): Promise<number> {
  const guard = await guardOf(allowance);
  for (let words = 0; words < 10_000; words += 1) if (guard?.isSpentBy('word ')) return words;
  return Number.POSITIVE_INFINITY;
}

describe('spendGuardFor', () => {
  test('watches nothing that was held as it was asked and has no ceiling, and asks for no tokenizer', async () => {
    const counter = () => Promise.reject(new Error('not needed'));
    for (const allowance of [{ amount }, { amount, caps: null, chargeMax: null }]) {
      expect(await spendGuardFor({ prompt, candidate, allowance }, counter)).toBeNull();
    }
  });

  test('watches a shortened answer for what is held, and one with a ceiling for the ceiling', async () => {
    const held = await wordsWithin({ amount, caps });
    const ceiling = await wordsWithin({ amount, chargeMax: nanodollars(2_000_000n) });
    expect(held).toBeGreaterThan(95);
    expect(held).toBeLessThan(160);
    expect(ceiling).toBeGreaterThan(195);
    expect(ceiling).toBeLessThan(290);
  });

  test('goes by the lower of the two', async () => {
    const low = nanodollars(500_000n);
    expect(await wordsWithin({ amount, caps, chargeMax: low })).toBe(await wordsWithin({ amount: low, caps }));
    expect(await wordsWithin({ amount: low, caps, chargeMax: amount })).toBe(await wordsWithin({ amount: low, caps }));
  });

  test('watches nothing when the money lasts for the whole context', async () => {
    expect(await guardOf({ amount, chargeMax: nanodollars(10n ** 12n) })).toBeNull();
  });
});

describe('shortenedTo', () => {
  test('is a cap only where one was given', () => {
    expect(shortenedTo({ amount, caps }, endpoint.id)).toBe(50);
    expect(shortenedTo({ amount, caps: new Map([[endpoint.id, null]]) }, endpoint.id)).toBeNull();
    expect(shortenedTo({ amount }, endpoint.id)).toBeNull();
  });
});

describe('spentError', () => {
  const errorOf = (allowance: Allowance, of: Prompt = prompt) => spentError({ prompt: of, candidate, allowance });

  test.each([
    ['account_balance', 'insufficient_credits'],
    ['key_limit', 'key_limit_exceeded'],
    ['max_cost', 'max_cost_reached'],
  ] as const)('says which money was spent: %s', (limit, code) => {
    const error = errorOf({ amount, caps, limit });
    expect(error).toMatchObject({ code, metadata: { reason: limit, spendable: '0.001' } });
    expect(error.rule.status).toBe(402);
  });

  test('blames the ceiling of a request that has one, else the credits', () => {
    expect(errorOf({ amount, caps }).code).toBe('insufficient_credits');
    const chargeMax = nanodollars(500_000n);
    expect(errorOf({ amount, chargeMax }, { ...prompt, maxCostUsd: '0.0005' })).toMatchObject({
      code: 'max_cost_reached',
      metadata: { spendable: '0.0005' },
    });
  });
});

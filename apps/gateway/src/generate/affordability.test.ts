import { estimateUpperBound } from '@bourse/billing';
import type { Endpoint } from '@bourse/catalog';
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
  inputTokensMax: null,
  serviceTier: 'default',
  regions: [],
  dataPolicy: { trains: null, retentionDays: null },
  isModerated: false,
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
/** Held as it was asked. */
const whole: Allowance = { amount, caps: null, chargeMax: null, limit: null };
const guardOf = (allowance: Allowance) => spendGuardFor({ prompt, candidate, allowance }, async () => word);

/** How many words pass before the guard says stop. */
async function wordsWithin(allowance: Allowance): Promise<number> {
  const guard = await guardOf(allowance);
  for (let words = 0; words < 10_000; words += 1) if (guard?.isSpentBy('word ')) return words;
  return Number.POSITIVE_INFINITY;
}

describe('spendGuardFor', () => {
  test('watches nothing that was held as it was asked and has no ceiling, and asks for no tokenizer', async () => {
    const counter = () => Promise.reject(new Error('not needed'));
    expect(await spendGuardFor({ prompt, candidate, allowance: whole }, counter)).toBeNull();
  });

  test('watches a shortened answer for what is held, and one with a ceiling for the ceiling', async () => {
    const held = await wordsWithin({ ...whole, amount, caps });
    const ceiling = await wordsWithin({ ...whole, amount, chargeMax: nanodollars(2_000_000n) });
    expect(held).toBeGreaterThan(95);
    expect(held).toBeLessThan(160);
    expect(ceiling).toBeGreaterThan(195);
    expect(ceiling).toBeLessThan(290);
  });

  test('goes by the lower of the two', async () => {
    const low = nanodollars(500_000n);
    expect(await wordsWithin({ ...whole, amount, caps, chargeMax: low })).toBe(
      await wordsWithin({ ...whole, amount: low, caps }),
    );
    expect(await wordsWithin({ ...whole, amount: low, caps, chargeMax: amount })).toBe(
      await wordsWithin({ ...whole, amount: low, caps }),
    );
  });

  test('watches nothing when the money lasts for the whole context', async () => {
    expect(await guardOf({ ...whole, amount, chargeMax: nanodollars(10n ** 12n) })).toBeNull();
  });
});

describe('shortenedTo', () => {
  test('is a cap only where one was given', () => {
    expect(shortenedTo({ ...whole, amount, caps }, endpoint.id)).toBe(50);
    expect(shortenedTo({ ...whole, amount, caps: new Map([[endpoint.id, null]]) }, endpoint.id)).toBeNull();
    expect(shortenedTo({ ...whole, amount }, endpoint.id)).toBeNull();
  });
});

describe('spentError', () => {
  test.each([
    ['account_balance', 'insufficient_credits'],
    ['key_limit', 'key_limit_exceeded'],
    ['max_cost', 'max_cost_reached'],
  ] as const)('says which money was spent: %s', (limit, code) => {
    const error = spentError({ ...whole, caps, limit });
    expect(error).toMatchObject({ code, metadata: { reason: limit, spendable: '0.001' } });
    expect(error.rule.status).toBe(402);
  });

  test('names the ceiling where that is lower than what is held', () => {
    const allowance = { amount, caps, chargeMax: nanodollars(500_000n), limit: 'max_cost' } as const;
    expect(spentError(allowance).metadata).toMatchObject({ spendable: '0.0005' });
  });
});

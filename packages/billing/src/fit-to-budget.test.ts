import type { Endpoint } from '@bourse/catalog';
import type { Prompt } from '@bourse/generation';
import { nanodollars } from '@bourse/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMarkup, anySheet, endpointOf, line, promptOf, sheetOf } from '../test/builders.ts';
import { coveredOutputTokens, fitToBudget } from './fit-to-budget.ts';
import { estimateUpperBound } from './upper-bound.ts';

const prompt = promptOf({ inputBytes: 3_000, outputTokensMax: 1_000 });
const at = (endpoint: Endpoint, markupBps = 0, of: Prompt = prompt) => ({
  endpoint,
  markupBps,
  bound: estimateUpperBound({ prompt: of, endpoint, markupBps }),
});
const cheap = at(endpointOf({ id: 'cheap', prices: sheetOf([line('input', '1'), line('output', '2')]) }));
const dear = at(endpointOf({ id: 'dear' }));
const budget = (amount: bigint) => nanodollars(amount);

/** 3,000 bytes: 3,080 tokens at most, 1,230 as calibrated. */
const STRICT_INPUT = 3_080n;
const CALIBRATED_INPUT = 1_230n;

describe('fitToBudget', () => {
  test('leaves a request that can be paid as it is, and holds its dearest candidate', () => {
    const fits = { kind: 'fits', holdAmount: dear.bound.holdAmount, bound: 'strict', caps: null };
    expect(dear.bound.holdAmount).toBe(STRICT_INPUT * 2_500n + 1_000n * 10_000n);
    expect(fitToBudget({ prompt, candidates: [cheap, dear], budget: null })).toEqual(fits);
    expect(fitToBudget({ prompt, candidates: [cheap, dear], budget: dear.bound.holdAmount })).toEqual(fits);
  });

  test('takes the prompt at its calibrated size before it shortens an answer', () => {
    const amount = CALIBRATED_INPUT * 2_500n + 1_000n * 10_000n;
    const fits = { kind: 'fits', holdAmount: amount, bound: 'calibrated', caps: null };
    expect(fitToBudget({ prompt, candidates: [dear], budget: budget(dear.bound.holdAmount - 1n) })).toEqual(fits);
    expect(fitToBudget({ prompt, candidates: [dear], budget: budget(amount) })).toEqual(fits);
  });

  test('shortens the answer to what the budget buys, to the token', () => {
    const amount = CALIBRATED_INPUT * 2_500n + 400n * 10_000n;
    const shortened = (n: number) => ({ kind: 'fits', bound: 'calibrated', caps: new Map([['dear', n]]) });
    expect(fitToBudget({ prompt, candidates: [dear], budget: budget(amount) })).toMatchObject(shortened(400));
    expect(fitToBudget({ prompt, candidates: [dear], budget: budget(amount - 1n) })).toMatchObject(shortened(399));
  });

  test('shortens each candidate to what the budget buys there, and leaves the cheap one as it is', () => {
    const amount = CALIBRATED_INPUT * 2_500n + 400n * 10_000n;
    const fit = fitToBudget({ prompt, candidates: [cheap, dear], budget: budget(amount) });
    expect(fit).toMatchObject({
      kind: 'fits',
      holdAmount: amount,
      caps: new Map([
        ['cheap', null],
        ['dear', 400],
      ]),
    });
  });

  test('leaves out a candidate that cannot write one token, as long as another can', () => {
    const amount = CALIBRATED_INPUT * 2_500n + 9_999n;
    const fit = fitToBudget({ prompt, candidates: [dear, cheap], budget: budget(amount) });
    expect(fit).toMatchObject({ kind: 'fits', caps: new Map([['cheap', 927]]) });
  });

  test('says what is missing when no candidate can write one token', () => {
    expect(fitToBudget({ prompt, candidates: [dear, cheap], budget: budget(1_000n) })).toEqual({
      kind: 'too_dear',
      needed: dear.bound.holdAmount,
      neededAtLeast: CALIBRATED_INPUT * 1_000n + 2_000n,
    });
    expect(fitToBudget({ prompt, candidates: [cheap], budget: budget(-5n) }).kind).toBe('too_dear');
  });

  test('fits a free endpoint into no budget at all', () => {
    const free = at(endpointOf({ prices: sheetOf([line('input', '0'), line('output', '0')]) }));
    expect(fitToBudget({ prompt, candidates: [free], budget: budget(0n) })).toMatchObject({
      kind: 'fits',
      holdAmount: 0n,
    });
  });

  test('does not take audio or files for a third of their weight', () => {
    const heard = promptOf({
      inputBytes: 3_000,
      outputTokensMax: 1_000,
      messages: [{ role: 'user', content: [{ type: 'audio', base64: 'AA==', format: 'wav' }] }],
    });
    const candidate = at(endpointOf(), 0, heard);
    const fit = fitToBudget({
      prompt: heard,
      candidates: [candidate],
      budget: budget(candidate.bound.holdAmount - 1n),
    });
    expect(fit).toMatchObject({ kind: 'fits', caps: new Map([['author/model@provider', 999]]) });
  });

  test('never tells a provider to write more than its context has room for', () => {
    const long = promptOf({ inputBytes: 300_000 });
    const endpoint = endpointOf({ outputTokensMax: null });
    const candidate = at(endpoint, 0, long);
    const amount = budget(
      estimateUpperBound({ prompt: long, endpoint, markupBps: 0, outputTokensMax: 100_000 }).holdAmount,
    );
    const fit = fitToBudget({ prompt: long, candidates: [candidate], budget: amount });
    const calibratedInput = (300_000 * 1.15) / 3 + 80;
    expect(fit).toMatchObject({ kind: 'fits', caps: new Map([[endpoint.id, 128_000 - calibratedInput]]) });
  });

  test('never holds more than the budget, never lengthens an answer, and one token more would not fit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anySheet, anyMarkup), { minLength: 1, maxLength: 4 }),
        fc.record({
          inputBytes: fc.nat(60_000),
          outputTokensMax: fc.integer({ min: 1, max: 5_000 }),
          choiceCount: fc.integer({ min: 1, max: 4 }),
        }),
        fc.bigInt({ min: 0n, max: 10_000_000_000n }),
        (offers, sizes, amount) => {
          const asked = promptOf(sizes);
          const candidates = offers.map(([prices, markupBps], index) =>
            at(endpointOf({ id: `e${index}`, prices }), markupBps, asked),
          );
          const fit = fitToBudget({ prompt: asked, candidates, budget: budget(amount) });
          if (fit.kind === 'too_dear') {
            expect(fit.needed > amount && fit.neededAtLeast > amount && fit.neededAtLeast <= fit.needed).toBe(true);
            return;
          }
          expect(fit.holdAmount <= amount).toBe(true);
          for (const { endpoint, markupBps } of candidates) {
            const cap = fit.caps?.get(endpoint.id) ?? null;
            if (cap === null) continue;
            expect(cap >= 1 && cap < sizes.outputTokensMax).toBe(true);
            const covered = coveredOutputTokens({ prompt: asked, endpoint, markupBps }, budget(amount));
            expect(covered).toBe(cap * sizes.choiceCount);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('coveredOutputTokens', () => {
  const terms = { prompt, endpoint: endpointOf(), markupBps: 0 };

  test('is what an amount buys beside the prompt, over all alternatives', () => {
    const amount = CALIBRATED_INPUT * 2_500n + 400n * 10_000n;
    expect(coveredOutputTokens(terms, budget(amount))).toBe(400);
    const three = { ...terms, prompt: { ...prompt, choiceCount: 3 } };
    expect(coveredOutputTokens(three, budget(amount))).toBe(399);
  });

  test('is none when the prompt alone costs more', () => {
    expect(coveredOutputTokens(terms, budget(1n))).toBe(0);
  });

  test('is no limit when the money lasts for the whole context', () => {
    expect(coveredOutputTokens(terms, budget(10n ** 15n))).toBeNull();
    const free = endpointOf({ prices: sheetOf([line('input', '0'), line('output', '0')]) });
    expect(coveredOutputTokens({ ...terms, endpoint: free }, budget(0n))).toBeNull();
  });
});

import type { Endpoint, PriceLine } from '@bourse/catalog';
import { type Meter, meters, type Prompt, unitMeters } from '@bourse/generation';
import { nanodollars, picodollarsFromUsdPerUnit } from '@bourse/money';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMarkup, endpointOf, line, promptOf, sheetOf } from '../test/builders.ts';
import { computeCharge } from './compute-charge.ts';
import { decideCharge } from './decide-charge.ts';
import { fitToBudget } from './fit-to-budget.ts';
import { judgeUsage } from './judge-usage.ts';
import { estimateUpperBound } from './upper-bound.ts';

const each = (meter: Meter, usd: string): PriceLine => ({
  meter,
  price: picodollarsFromUsdPerUnit(usd),
  aboveInputTokens: 0,
});
const soldBy = (...lines: PriceLine[]) => endpointOf({ prices: sheetOf(lines), outputTokensMax: null });

/** One of each: what is asked for, and an endpoint that sells it. */
const cases: readonly (readonly [string, Prompt, Endpoint])[] = [
  [
    'embeddings',
    promptOf({ operation: 'embeddings', messages: [], inputBytes: 900_000 }),
    soldBy(line('input', '0.02')),
  ],
  [
    'rerank',
    promptOf({ operation: 'rerank', messages: [], inputBytes: 5_000, units: { search_unit: 3 } }),
    soldBy(each('search_unit', '0.002')),
  ],
  [
    'images by the picture',
    promptOf({ operation: 'images', messages: [], inputBytes: 200, choiceCount: 4, units: { image_made: 4 } }),
    soldBy(each('image_made', '0.04')),
  ],
  [
    'images by tokens',
    promptOf({ operation: 'images', messages: [], inputBytes: 200, choiceCount: 4, units: { image_made: 4 } }),
    endpointOf({
      prices: sheetOf([line('input', '5'), line('input_image', '10'), line('output', '40')]),
      outputTokensMax: 6_240,
    }),
  ],
  [
    'speech',
    promptOf({ operation: 'speech', messages: [], inputBytes: 60, units: { spoken_character: 60 } }),
    soldBy(line('spoken_character', '15')),
  ],
  [
    'transcription by the second',
    promptOf({ operation: 'transcription', messages: [], inputBytes: 90, units: { audio_second: 61 } }),
    soldBy(each('audio_second', '0.0001')),
  ],
  [
    'transcription by tokens',
    promptOf({ operation: 'transcription', messages: [], inputBytes: 90_000, units: { audio_second: 61 } }),
    endpointOf({
      prices: sheetOf([line('input', '2.5'), line('input_audio', '6'), line('output', '10')]),
      contextTokensMax: 16_000,
      outputTokensMax: 2_000,
    }),
  ],
];

const report = (prompt: Prompt, endpoint: Endpoint, usage: Readonly<Partial<Record<Meter, number>>>) => ({
  usage,
  isUnreadable: false,
  isCurrent: true,
  outputBytes: 0,
  prompt,
  endpoint,
  outputTokensMax: null,
});

describe.each(cases)('%s', (_name, prompt, endpoint) => {
  const bound = (markupBps: number) => estimateUpperBound({ prompt, endpoint, markupBps });
  const tokens = prompt.operation === 'embeddings' ? ['input'] : meters.filter((meter) => /^(in|out)put/.test(meter));

  test('counts that pass as true never cost more than what was held', () => {
    const counts = fc.dictionary(fc.constantFrom<string>(...tokens, ...unitMeters), fc.nat(20_000));
    fc.assert(
      fc.property(counts, anyMarkup, (usage, markupBps) => {
        if (judgeUsage(report(prompt, endpoint, usage)) === 'absurd') return;
        const { charge } = computeCharge({ sheet: endpoint.prices, usage, markupBps });
        expect(charge <= bound(markupBps).holdAmount).toBe(true);
      }),
    );
  });

  test('is held for as asked or not at all: there is no half of it', () => {
    const { holdAmount } = bound(0);
    const candidates = [{ endpoint, markupBps: 0, bound: bound(0) }];
    expect(holdAmount).toBeGreaterThan(0n);
    expect(fitToBudget({ prompt, candidates, budget: holdAmount })).toMatchObject({ kind: 'fits', caps: null });
    expect(fitToBudget({ prompt, candidates, budget: nanodollars(holdAmount - 1n) })).toEqual({
      kind: 'too_dear',
      needed: holdAmount,
      neededAtLeast: holdAmount,
    });
  });

  test('more units than were asked for are no count', () => {
    for (const meter of unitMeters) {
      const asked = prompt.units?.[meter] ?? 0;
      expect(judgeUsage(report(prompt, endpoint, { input: 1, [meter]: asked + 1 }))).toBe('absurd');
    }
  });

  test('counts without what it is sold by say nothing', () => {
    expect(judgeUsage(report(prompt, endpoint, {}))).toBe('none');
    const isByUnit = endpoint.prices.lines.every(({ meter }) => meter !== 'input');
    expect(judgeUsage(report(prompt, endpoint, { input: 5 }))).toBe(isByUnit ? 'none' : 'final');
  });

  test('tokens beyond what can be read or written are no count', () => {
    expect(judgeUsage(report(prompt, endpoint, { input: 10_000_000 }))).toBe('absurd');
    expect(judgeUsage(report(prompt, endpoint, { input: 1, output: 10_000_000 }))).toBe('absurd');
  });
});

test('an answer without tokens is an answer that is paid by its units', () => {
  const decision = decideCharge(
    {
      end: 'finished',
      finishReason: 'stop',
      usage: null,
      usageState: 'none',
      hasOutput: true,
      isAbortable: true,
      isByok: false,
      isStreamed: false,
    },
    { usage: { spoken_character: 60 }, method: 'characters' },
  );
  expect(decision).toMatchObject({
    usage: { spoken_character: 60, request: 1 },
    costUsage: { spoken_character: 60, request: 1 },
    basis: 'estimated',
    flags: ['estimated', 'method:characters'],
  });
});

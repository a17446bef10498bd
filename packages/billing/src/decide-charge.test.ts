import type { Usage } from '@bourse/generation';
import { describe, expect, test } from 'vitest';
import { type ChargeDecision, decideCharge, type GenerationEnd, type GenerationOutcome } from './decide-charge.ts';

const reported: Usage = { input: 100, output: 40, output_reasoning: 10 };
const estimated: Usage = { input: 120, output: 30 };

const finished: GenerationOutcome = {
  end: 'finished',
  finishReason: 'stop',
  usage: reported,
  estimatedUsage: estimated,
  isDelivered: true,
  isUsageRejected: false,
};

const actual = { usage: { ...reported, request: 1 }, basis: 'reported', flags: [], isCharged: true };
const ours = { usage: { ...estimated, request: 1 }, basis: 'estimated', flags: ['estimated'], isCharged: true };
const free = (...flags: readonly string[]) => ({ usage: {}, basis: 'none', flags, isCharged: false });

type Row = readonly [row: string, change: Partial<GenerationOutcome>, expected: unknown];
const rows: readonly Row[] = [
  ['finished with usage: the reported usage', {}, actual],
  ['finished without usage: our estimate', { usage: null }, ours],
  [
    'finished with an impossible usage: our estimate, never the impossible number',
    { isUsageRejected: true },
    { ...ours, flags: ['estimated', 'usage_rejected'] },
  ],
  ['finished for lack of room: the reported usage', { finishReason: 'length' }, actual],
  ['filtered, with usage: the reported usage', { finishReason: 'content_filter', isDelivered: false }, actual],
  [
    'finished with no output and no reason: nothing',
    { finishReason: null, usage: { input: 100 }, isDelivered: false },
    free('insured'),
  ],
  [
    'finished with no output, no reason and no usage: nothing',
    { finishReason: null, usage: null, estimatedUsage: { input: 100 }, isDelivered: false },
    free('insured'),
  ],
  ['finished with output but no reason: the reported usage', { finishReason: null }, actual],
  [
    'finished with no output but a reason: the reported usage',
    { usage: { input: 100 }, isDelivered: false },
    { ...actual, usage: { input: 100, request: 1 } },
  ],
  ['finished with the reason error: nothing', { finishReason: 'error' }, free('insured')],
  ['upstream error before the first token: nothing', { end: 'upstream_error', isDelivered: false }, free('insured')],
  ['upstream error after the first token: nothing', { end: 'upstream_error' }, free('insured')],
  ['cancelled before any output: nothing', { end: 'client_cancelled', isDelivered: false }, free('cancelled_early')],
  ['cancelled with usage: the reported usage', { end: 'client_cancelled' }, { ...actual, flags: ['cancelled'] }],
  [
    'cancelled without usage: our estimate',
    { end: 'client_cancelled', usage: null },
    { ...ours, flags: ['estimated', 'cancelled'] },
  ],
  [
    'cancelled with an impossible usage: our estimate',
    { end: 'client_cancelled', isUsageRejected: true },
    { ...ours, flags: ['estimated', 'cancelled', 'usage_rejected'] },
  ],
  ['timeout before any output: nothing', { end: 'timeout', isDelivered: false }, free('timeout')],
  [
    'timeout after some output: the output alone, neither prompt nor request',
    { end: 'timeout', usage: null },
    { usage: { output: 30, request: 0 }, basis: 'estimated', flags: ['estimated', 'timeout'], isCharged: true },
  ],
  [
    'timeout after some output, with usage: its output alone',
    { end: 'timeout' },
    {
      usage: { output: 40, output_reasoning: 10, request: 0 },
      basis: 'reported',
      flags: ['timeout'],
      isCharged: true,
    },
  ],
];

describe('decideCharge', () => {
  test.each(rows)('%s', (_row, change, expected) => {
    expect(decideCharge({ ...finished, ...change })).toEqual(expected);
  });

  test('counts the request that the provider counted instead of its own', () => {
    expect(decideCharge({ ...finished, usage: { ...reported, request: 2 } }).usage.request).toBe(2);
  });

  test('decides every combination, and bills only what was delivered or reported by a provider that finished', () => {
    const ends: readonly GenerationEnd[] = ['finished', 'upstream_error', 'client_cancelled', 'timeout'];
    const usages: readonly (Usage | null)[] = [null, {}, { input: 100 }, reported];
    const reasons: readonly GenerationOutcome['finishReason'][] = [
      null,
      'stop',
      'length',
      'tool_calls',
      'content_filter',
      'error',
    ];
    const decisions: (readonly [GenerationOutcome, ChargeDecision])[] = [];
    for (const end of ends) {
      for (const usage of usages) {
        for (const finishReason of reasons) {
          for (const bits of [0, 1, 2, 3]) {
            const outcome: GenerationOutcome = {
              end,
              usage,
              finishReason,
              estimatedUsage: estimated,
              isDelivered: (bits & 1) === 1,
              isUsageRejected: (bits & 2) === 2,
            };
            decisions.push([outcome, decideCharge(outcome)]);
          }
        }
      }
    }
    expect(decisions).toHaveLength(384);
    for (const [outcome, decision] of decisions) {
      expect(decision.isCharged).toBe(decision.basis !== 'none');
      expect(new Set(decision.flags).size).toBe(decision.flags.length);
      if (!decision.isCharged) expect(decision.usage).toEqual({});
      if (outcome.end === 'upstream_error' || outcome.finishReason === 'error') {
        expect(decision.isCharged && outcome.end !== 'client_cancelled' && outcome.end !== 'timeout').toBe(false);
      }
      if (outcome.end !== 'finished' && !outcome.isDelivered) expect(decision.isCharged).toBe(false);
      if (outcome.isUsageRejected) expect(decision.basis).not.toBe('reported');
    }
  });
});

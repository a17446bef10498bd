import { expect, test } from 'vitest';
import { attemptsOf, outcomeWords, reasonWords } from './attempt.ts';

const stored = {
  endpointId: 'maker/one@north',
  providerSlug: 'north',
  modelSlug: 'maker/one',
  status: 429,
  outcome: 'rate_limited',
  latencyMs: 12,
};

test('attempts are read from newer and older records, and what is none is left out', () => {
  expect(attemptsOf([{ ...stored, reason: 'sticky', somethingNew: 1 }, stored, { outcome: 'ok' }, null])).toEqual([
    { ...stored, reason: 'sticky' },
    stored,
  ]);
});

test('reasons and outcomes are words; new ones stand for themselves, and an older record gives no reason', () => {
  expect(reasonWords('price_weighted')).toBe('Drawn by price');
  expect(reasonWords('quality_poor')).toBe('Quality poor');
  expect(reasonWords(undefined)).toBe('');
  expect(outcomeWords('rate_limited')).toBe('Rate limited');
});

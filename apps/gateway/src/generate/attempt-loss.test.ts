import type { PriceSheet } from '@bourse/catalog';
import { picodollarsPerUnit } from '@bourse/money';
import { expect, test } from 'vitest';
import type { AttemptLog } from './attempt-failure.ts';
import { lossesOf, withLoss } from './attempt-loss.ts';

const failed: AttemptLog = {
  endpointId: 'm@p',
  providerSlug: 'p',
  modelSlug: 'm',
  status: 0,
  outcome: 'timeout',
  latencyMs: 1,
};

const prompt = { inputBytes: 400 };

function priced(price: bigint): { readonly prices: PriceSheet } {
  const line = { price: picodollarsPerUnit(price), aboveInputTokens: 0 };
  return {
    prices: {
      id: 's',
      lines: [
        { meter: 'input', ...line },
        { meter: 'output', ...line },
      ],
      sourceUrl: 'https://example.com',
      checkedOn: '2026-01-01',
      effectiveFrom: new Date(0),
    },
  };
}

test.each([
  [{ status: 0, outcome: 'timeout' }, '10000'],
  [{ status: 200, outcome: 'invalid_response' }, '10000'],
  [{ status: 429, outcome: 'rate_limited' }, undefined],
  [{ status: 500, outcome: 'server_error' }, undefined],
  [{ status: 0, outcome: 'connection_failed' }, undefined],
] as const)('after %o a provider may bill %s nanodollars for a prompt of 100 tokens', (end, cost) => {
  const log = withLoss({ ...failed, ...end }, priced(100_000n), prompt);
  expect(log.costNanodollars).toBe(cost);
  expect(lossesOf([log])).toEqual(cost === undefined ? [] : [{ providerSlug: 'p', cost: BigInt(cost) }]);
});

test('an attempt at a free model is no loss', () => {
  expect(withLoss(failed, priced(0n), prompt)).toBe(failed);
});

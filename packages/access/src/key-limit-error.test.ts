import { nanodollars } from '@bourse/money';
import { expect, test } from 'vitest';
import { keyLimitError } from './key-limit-error.ts';

const facts = {
  limit: nanodollars(25_000_000_000n),
  limitReset: 'monthly',
  remaining: nanodollars(400_000_000n),
  needed: nanodollars(1_000_000_001n),
  nowMs: Date.parse('2026-11-22T10:00:00Z'),
  keysUrl: 'https://bourse.example/settings/keys',
} as const;

test('a program learns that it was the key, which window, and when it starts anew', () => {
  const error = keyLimitError(facts);
  expect(error).toMatchObject({ code: 'key_limit_exceeded', rule: { status: 402 } });
  expect(error.metadata).toEqual({
    reason: 'key_limit',
    limit: '25',
    limit_reset: 'monthly',
    limit_remaining: '0.4',
    resets_at: '2026-12-01T00:00:00.000Z',
    needed: '1.000000001',
  });
});

test('a person learns the same, in the words that clients look for', () => {
  expect(keyLimitError(facts).message).toBe(
    'Key limit exceeded (monthly limit): $0.4 of $25 is left and this request may cost up to $1.000000001. It starts anew at 2026-12-01T00:00:00.000Z. Change the limit at https://bourse.example/settings/keys.',
  );
});

test('a limit without a rhythm promises no day on which it would work again', () => {
  const error = keyLimitError({ ...facts, limitReset: null });
  expect(error.message).toContain('Key limit exceeded (total limit)');
  expect(error.message).not.toContain('anew');
  expect(error.metadata).toMatchObject({ limit_reset: null, resets_at: null });
});

test('a limit that was lowered below what is spent leaves nothing, not less', () => {
  expect(keyLimitError({ ...facts, remaining: nanodollars(-5n) }).metadata).toMatchObject({ limit_remaining: '0' });
});

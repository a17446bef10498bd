import { expect, test } from 'vitest';
import { parseEnv } from './env.ts';

test('only the database must be named; everything else has a default', () => {
  expect(parseEnv({ DATABASE_URL: 'postgres://localhost/bourse', WORKER_PORT: '' })).toMatchObject({
    WORKER_PORT: 4020,
    WORKER_EXPIRE_HOLDS_MS: 5_000,
    WORKER_ROLLUP_MS: 15_000,
    WORKER_LEDGER_CHECK_MS: 3_600_000,
    WORKER_RECONCILE_MS: 86_400_000,
    SMTP_URL: 'smtp://localhost:4025',
  });
});

test('every problem is listed at once', () => {
  expect(() => parseEnv({ WORKER_PORT: 'http', WORKER_ROLLUP_MS: '0' })).toThrow(
    /DATABASE_URL[\s\S]*WORKER_PORT[\s\S]*WORKER_ROLLUP_MS/,
  );
});

test('in production mail is not made up: without a server the worker does not start', () => {
  const production = { NODE_ENV: 'production', DATABASE_URL: 'postgres://db/bourse' };
  expect(() => parseEnv(production)).toThrow(/SMTP_URL/);
  expect(parseEnv({ ...production, SMTP_URL: 'smtps://mail.example.com' }).STRIPE_SECRET_KEY).toBeUndefined();
});

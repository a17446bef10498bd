import { expect, test } from 'vitest';
import { parseEnv } from './env.ts';

test('only the database must be named; everything else has a default', () => {
  expect(parseEnv({ DATABASE_URL: 'postgres://localhost/bourse', WORKER_PORT: '' })).toMatchObject({
    WORKER_PORT: 4020,
    WORKER_EXPIRE_HOLDS_MS: 5_000,
    WORKER_ROLLUP_MS: 15_000,
    WORKER_LEDGER_CHECK_MS: 3_600_000,
  });
});

test('every problem is listed at once', () => {
  expect(() => parseEnv({ WORKER_PORT: 'http', WORKER_ROLLUP_MS: '0' })).toThrow(
    /DATABASE_URL[\s\S]*WORKER_PORT[\s\S]*WORKER_ROLLUP_MS/,
  );
});

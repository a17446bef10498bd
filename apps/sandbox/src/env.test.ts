import { expect, test } from 'vitest';
import { parseEnv } from './env.ts';

test('without any settings the sandbox listens on localhost at the usual ports, with payments', () => {
  expect(parseEnv({})).toMatchObject({
    SANDBOX_HOST: '127.0.0.1',
    SANDBOX_PORT: 4010,
    SANDBOX_SMTP_PORT: 4025,
    SANDBOX_TOKENS_PER_SECOND: 80,
    SANDBOX_FIRST_BYTE_MS: 120,
    hasStripe: true,
  });
});

test('a blank setting is a missing one', () => {
  expect(parseEnv({ NODE_ENV: '', SANDBOX_PORT: '', SANDBOX_INSTANT: '', SANDBOX_PUBLIC_URL: '' })).toEqual(
    parseEnv({}),
  );
});

test('it refuses production, and when told to go ahead it goes without payments', () => {
  expect(() => parseEnv({ NODE_ENV: 'production' })).toThrow(/does not start with NODE_ENV=production/);
  expect(parseEnv({ NODE_ENV: 'production', SANDBOX_ALLOW_IN_PRODUCTION: '1' }).hasStripe).toBe(false);
});

test('it lists every setting that is wrong', () => {
  const wrong = { SANDBOX_PORT: 'many', SANDBOX_STRIPE_WEBHOOK_SECRET: 'short', SANDBOX_INSTANT: 'perhaps' };

  expect(() => parseEnv(wrong)).toThrow(/SANDBOX_PORT[\s\S]*SANDBOX_INSTANT[\s\S]*SANDBOX_STRIPE_WEBHOOK_SECRET/);
});

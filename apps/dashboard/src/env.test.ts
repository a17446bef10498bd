import { describe, expect, test } from 'vitest';
import { parseEnv } from './env.ts';

const DATABASE_URL = 'postgresql://localhost/bourse';

const production = {
  NODE_ENV: 'production',
  DATABASE_URL,
  NEXTAUTH_SECRET: 'a-secret-of-more-than-32-characters',
  SMTP_URL: 'smtps://user:password@mail.example.com',
  STRIPE_SECRET_KEY: 'sk_live_1',
  STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef',
};

describe('outside production', () => {
  test('what is not configured is the sandbox', () => {
    expect(parseEnv({ DATABASE_URL, NODE_ENV: '' })).toMatchObject({
      isSandboxMarket: true,
      SMTP_URL: 'smtp://localhost:4025',
      STRIPE_API_BASE: 'http://localhost:4010/stripe',
      STRIPE_SECRET_KEY: expect.stringMatching(/^sk_test_/),
    });
  });

  test('a real Stripe key is not sent to the sandbox, and half of a Stripe configuration is refused', () => {
    const stripe = { STRIPE_SECRET_KEY: 'sk_live_1', STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef' };
    expect(parseEnv({ DATABASE_URL, ...stripe }).STRIPE_API_BASE).toBeUndefined();
    expect(() => parseEnv({ DATABASE_URL, ...stripe, STRIPE_WEBHOOK_SECRET: '' })).toThrow(
      /STRIPE_WEBHOOK_SECRET is required/,
    );
    expect(() => parseEnv({ DATABASE_URL, ...stripe, STRIPE_SECRET_KEY: '' })).toThrow(/STRIPE_SECRET_KEY is required/);
  });
});

describe('in production', () => {
  test('everything that is missing is listed at once', () => {
    const missing = () => parseEnv({ NODE_ENV: 'production' });
    expect(missing).toThrow(
      /DATABASE_URL[\s\S]*NEXTAUTH_SECRET[\s\S]*SMTP_URL[\s\S]*STRIPE_SECRET_KEY[\s\S]*STRIPE_WEBHOOK/,
    );
    expect(parseEnv(production).isSandboxMarket).toBe(false);
  });

  test.each([
    { STRIPE_WEBHOOK_SECRET: 'whsec_sandbox_0123456789abcdef' },
    { STRIPE_WEBHOOK_SECRET: 'whsec_0123456789abcdef,whsec_sandbox_0123456789abcdef' },
    { STRIPE_API_BASE: 'http://localhost:4010/stripe' },
    { NEXTAUTH_SECRET: 'development-only-secret-of-no-worth' },
  ])('what the sandbox uses is refused: %j', (simulated) => {
    expect(() => parseEnv({ ...production, ...simulated })).toThrow(/sandbox/);
  });

  test.each(['short', 'whsec_0123456789abcdef,', ' '.repeat(20)])('the webhook secret %j is none', (secret) => {
    expect(() => parseEnv({ ...production, STRIPE_WEBHOOK_SECRET: secret })).toThrow(/STRIPE_WEBHOOK_SECRET must be/);
  });

  test('a demo of the production build is a sandbox market', () => {
    expect(parseEnv({ NODE_ENV: 'production', BOURSE_DEMO: '1', DATABASE_URL }).isSandboxMarket).toBe(true);
  });

  test('a sign-in company needs both its values', () => {
    expect(() => parseEnv({ ...production, AUTH_GITHUB_ID: 'id' })).toThrow(/AUTH_GITHUB_ID and AUTH_GITHUB_SECRET/);
  });
});

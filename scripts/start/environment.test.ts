import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { marketVariables, readVariables } from './environment.ts';
import { readPorts } from './ports.ts';
import { Refusal } from './refusal.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bourse-environment-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const make = (variables: Record<string, string>) =>
  marketVariables({ variables, ports: readPorts(variables), stateDir: folder, databaseUrl: 'postgres://here' });

describe('what is read', () => {
  test('the real environment wins over .env, and blanks count as not set', () => {
    writeFileSync(join(folder, '.env'), 'GATEWAY_PORT=5000\nSMTP_URL=smtp://file\nDATABASE_URL=\n');
    const variables = readVariables(folder, { GATEWAY_PORT: '6000', STRIPE_SECRET_KEY: '' });
    expect(variables).toEqual({ GATEWAY_PORT: '6000', SMTP_URL: 'smtp://file' });
  });

  test.each([
    { STRIPE_SECRET_KEY: 'sk_live_x' },
    { STRIPE_SECRET_KEY: 'sk_live_x', STRIPE_WEBHOOK_SECRET: '' },
    { STRIPE_WEBHOOK_SECRET: 'whsec_x' },
  ])('half a Stripe configuration is refused: %j', (variables) => {
    expect(() => readVariables(folder, variables)).toThrow(Refusal);
  });
});

describe('what the apps get', () => {
  test('the sandbox, where nothing is configured', () => {
    expect(make({ DASHBOARD_PORT: '3100' })).toMatchObject({
      NODE_ENV: 'development',
      DATABASE_URL: 'postgres://here',
      STRIPE_API_BASE: 'http://localhost:4010/stripe',
      NEXTAUTH_URL: 'http://localhost:3100',
      SANDBOX_STRIPE_WEBHOOK_URL: 'http://localhost:3100/api/stripe/webhook',
      SMTP_URL: 'smtp://localhost:4025',
    });
  });

  test('what is configured stays', () => {
    expect(make({ SMTP_URL: 'smtp://mine', NEXTAUTH_SECRET: 'mine' })).toMatchObject({
      SMTP_URL: 'smtp://mine',
      NEXTAUTH_SECRET: 'mine',
    });
  });

  test('a real Stripe key never comes with the address of the sandbox', () => {
    const variables = make({ STRIPE_SECRET_KEY: 'sk_live_x', STRIPE_WEBHOOK_SECRET: 'whsec_x' });
    expect(variables).not.toHaveProperty('STRIPE_API_BASE');
    expect(variables['STRIPE_SECRET_KEY']).toBe('sk_live_x');
  });

  test('in production nothing is made up', () => {
    const variables = make({ NODE_ENV: 'production' });
    for (const name of ['NEXTAUTH_SECRET', 'STRIPE_SECRET_KEY', 'SMTP_URL', 'BOURSE_SANDBOX_URL', 'BOURSE_DEMO']) {
      expect(variables).not.toHaveProperty(name);
    }
  });

  test('the session secret is made once, and only its owner can read it', () => {
    const first = make({})['NEXTAUTH_SECRET'];
    expect(make({})['NEXTAUTH_SECRET']).toBe(first);
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600);
  });
});

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Ports } from './ports.ts';
import { Refusal } from './refusal.ts';
import { readStateFile, writeStateFile } from './state-file.ts';

/** Environment variables; those set to nothing count as not set. */
export type Variables = Readonly<Record<string, string>>;

/** The real environment over the file `.env` in the root. Blanks, as in a fresh copy of .env.example, are left out. */
export function readVariables(rootDir: string, real: NodeJS.ProcessEnv): Variables {
  const path = join(rootDir, '.env');
  const fromFile = existsSync(path) ? parseEnv(readFileSync(path, 'utf8')) : {};
  const merged: Record<string, string> = {};
  for (const [name, value] of [...Object.entries(fromFile), ...Object.entries(real)]) {
    if (value !== undefined && value !== '') merged[name] = value;
  }
  assertStripeIsWhole(merged);
  return merged;
}

// A webhook without its secret would let anyone who can reach it buy credits for nothing.
function assertStripeIsWhole(variables: Variables): void {
  const { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: secret } = variables;
  if (key && !secret) {
    throw new Refusal('STRIPE_SECRET_KEY is set, but STRIPE_WEBHOOK_SECRET is not: set both, or none for the sandbox.');
  }
  if (secret && !key) {
    throw new Refusal('STRIPE_WEBHOOK_SECRET is set, but STRIPE_SECRET_KEY is not: set both, or none for the sandbox.');
  }
}

export function isProduction(variables: Variables): boolean {
  return variables['NODE_ENV'] === 'production';
}

/** Where the parts of the market reach one another. */
export type Addresses = {
  readonly gateway: string;
  readonly dashboard: string;
  readonly sandbox: string;
  readonly worker: string;
  readonly smtp: string;
};

export function addressesOf(ports: Ports): Addresses {
  return {
    gateway: `http://localhost:${ports.gateway}`,
    dashboard: `http://localhost:${ports.dashboard}`,
    sandbox: `http://localhost:${ports.sandbox}`,
    worker: `http://localhost:${ports.worker}`,
    smtp: `smtp://localhost:${ports.sandboxSmtp}`,
  };
}

/**
 * The environment of every app. Outside production, what is not configured gets the sandbox as its value; in production
 * nothing is made up, and an app that misses something says so and stops.
 */
export function marketVariables(options: {
  readonly variables: Variables;
  readonly ports: Ports;
  readonly stateDir: string;
  readonly databaseUrl: string;
}): Variables {
  const { variables, ports, stateDir, databaseUrl } = options;
  const fixed = {
    DATABASE_URL: databaseUrl,
    GATEWAY_PORT: String(ports.gateway),
    DASHBOARD_PORT: String(ports.dashboard),
    SANDBOX_PORT: String(ports.sandbox),
    SANDBOX_SMTP_PORT: String(ports.sandboxSmtp),
    WORKER_PORT: String(ports.worker),
    BOURSE_STATE_DIR: stateDir,
    GATEWAY_SPOOL_DIR: join(stateDir, 'spool'),
    NEXT_TELEMETRY_DISABLED: '1',
  };
  if (isProduction(variables)) return { ...variables, ...fixed };
  return { ...sandboxDefaults(options), ...variables, ...fixed };
}

type Surroundings = { readonly variables: Variables; readonly ports: Ports; readonly stateDir: string };

function sandboxDefaults({ variables, ports, stateDir }: Surroundings): Variables {
  const at = addressesOf(ports);
  const sandboxStripe = {
    STRIPE_SECRET_KEY: 'sk_test_sandbox_0123456789abcdef',
    STRIPE_WEBHOOK_SECRET: 'whsec_sandbox_0123456789abcdef',
    STRIPE_API_BASE: `${at.sandbox}/stripe`,
    SANDBOX_STRIPE_WEBHOOK_URL: `${at.dashboard}/api/stripe/webhook`,
  };
  return {
    // A real Stripe key must never be sent to the sandbox, so its address comes with its key or not at all.
    ...(variables['STRIPE_SECRET_KEY'] ? {} : sandboxStripe),
    NODE_ENV: 'development',
    NEXTAUTH_SECRET: installationSecret(stateDir),
    NEXTAUTH_URL: at.dashboard,
    SMTP_URL: at.smtp,
    BOURSE_SANDBOX_URL: at.sandbox,
    BOURSE_GATEWAY_URL: at.gateway,
    BOURSE_DASHBOARD_URL: at.dashboard,
    SANDBOX_STATE_DIR: join(stateDir, 'sandbox'),
    BOURSE_DEMO: '1',
  };
}

/** Signs the sessions of this installation. Made once, so that a restart does not sign everybody out. */
function installationSecret(stateDir: string): string {
  const path = join(stateDir, 'secrets.json');
  const { nextAuthSecret } = readStateFile(path);
  if (typeof nextAuthSecret === 'string') return nextAuthSecret;
  const made = randomBytes(32).toString('base64url');
  writeStateFile(path, { nextAuthSecret: made });
  return made;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@bourse/db';
import { type Credential, providerRegistry } from '@bourse/providers';
import { createLogger, createMetrics } from '@bourse/telemetry';
import { openSqlClient, type SqlClient, wideLimits } from '@bourse/testing';
import { expect } from 'vitest';
import { parseEnv } from '../src/env.ts';
import { startGateway } from '../src/start-gateway.ts';
import { hi, type Market } from './harness.ts';

/** What a client got: everything that a replay must repeat. */
export interface Seen {
  readonly status: number;
  readonly generationId: string;
  readonly isReplayed: boolean;
  readonly text: string;
  readonly headers: Headers;
}

/** Sends a chat with an Idempotency-Key and reads the answer to its end. */
export type Ask = (
  idempotencyKey: string,
  body?: Record<string, unknown>,
  init?: { key?: string; signal?: AbortSignal },
) => Promise<Seen>;

/** Asks the gateway at that `/api/v1`, by default with the market's key. */
export function askAt(url: string, apiKey: string): Ask {
  return async (idempotencyKey, body = hi, init = {}) => {
    const response = await fetch(`${url}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${init.key ?? apiKey}`, 'idempotency-key': idempotencyKey },
      body: JSON.stringify(body),
      ...(init.signal === undefined ? {} : { signal: init.signal }),
    });
    return {
      status: response.status,
      generationId: response.headers.get('x-generation-id') ?? '',
      isReplayed: response.headers.get('idempotent-replayed') === 'true',
      text: await response.text(),
      headers: response.headers,
    };
  };
}

/** A second gateway process' worth of everything, on the same database and providers. */
export async function secondGateway(
  market: Market,
  options: { environment?: Record<string, string>; credentials?: Record<string, string> } = {},
): Promise<{ url: string; ask: Ask; stop(): Promise<void> }> {
  const spoolDir = await mkdtemp(join(tmpdir(), 'bourse-spool-'));
  const urls = { 'sandbox-north': market.north.url, 'sandbox-south': market.south.url, ...options.credentials };
  const credentials = new Map<string, Credential>(
    Object.entries(urls).map(([slug, baseUrl]) => [slug, { apiKey: `sk-${slug}`, baseUrl }]),
  );
  const env = parseEnv({
    NODE_ENV: 'test',
    DATABASE_URL: market.databaseUrl,
    GATEWAY_PORT: '0',
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_RETRIES_MAX: '0',
    LOG_LEVEL: 'silent',
    GATEWAY_SPOOL_DIR: spoolDir,
    ...wideLimits,
    ...options.environment,
  });
  const gateway = await startGateway({
    env,
    // Fewer connections than there are waiters in the tests.
    db: openDatabase({ url: market.databaseUrl, applicationName: 'bourse-second', poolMax: 2 }),
    credentials,
    providers: providerRegistry,
    log: createLogger({ name: 'gateway', level: env.LOG_LEVEL }),
    metrics: createMetrics('gateway'),
    gatewayId: 'gw_second',
    now: Date.now,
    draw: () => 0.5,
  });
  const url = `http://127.0.0.1:${gateway.port}/api/v1`;
  return {
    url,
    ask: askAt(url, market.key),
    stop: () => gateway.stop(500).then(() => rm(spoolDir, { recursive: true, force: true })),
  };
}

/** Plain SQL in the market's database. */
export function sqlOf(market: Market): Promise<SqlClient> {
  return openSqlClient(market.databaseUrl);
}

/** What the organization was charged so far, in nanodollars: whoever asks a gateway for its credits reads what that one charged before. */
export async function spent(market: Market, otherUrl = market.url): Promise<bigint> {
  for (const url of [market.url, otherUrl]) {
    const response = await fetch(`${url}/credits`, { headers: { authorization: `Bearer ${market.key}` } });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  }
  return (await market.db.ledger.totals(market.organizationId)).totalUsage;
}

/** How many charges there are for a generation, and their sum. */
export async function chargesOf(sql: SqlClient, generationId: string): Promise<{ count: number; sum: bigint }> {
  const { rows } = await sql.query<{ count: number; sum: string }>(
    `SELECT count(*)::integer AS count, coalesce(-sum(e.amount_nanodollars), 0) AS sum
       FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id AND e.account_id LIKE 'org:%'
      WHERE t.reference = $1`,
    [generationId],
  );
  return { count: rows[0]?.count ?? 0, sum: BigInt(rows[0]?.sum ?? 0) };
}

/** The answer is the stored one of `first`, byte for byte. */
export function expectReplayOf(first: Seen, again: Seen): void {
  expect(again).toMatchObject({
    status: 200,
    isReplayed: true,
    generationId: first.generationId,
    text: first.text,
  });
  expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
}

/** A 409 with that reason, which the official SDKs do not repeat. */
export function expectConflict(seen: Seen, reason: string): void {
  expect(JSON.parse(seen.text)).toMatchObject({
    error: { code: 409, type: 'precondition_failed', metadata: { reason, generation_id: seen.generationId } },
  });
  expect(seen.status).toBe(409);
  expect(seen.headers.get('x-should-retry')).toBe(reason === 'idempotency_in_progress' ? null : 'false');
}

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ledgerCheck } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import {
  createOrganization,
  createTestDatabase,
  openSqlClient,
  type SqlClient,
  type TestDatabase,
  type TestOrganization,
} from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, hi } from '../harness.ts';
import { beginStream, frames, hello, type ScriptedProvider, startScriptedProvider } from '../scripted-provider.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { sized, tell } from './size.ts';

const READERS = sized({ full: 500, short: 80 });
/** What the provider knows them by: who an end user is it is never told. */
const STALLED_SEED = 7;
const STALL_MS = sized({ full: 30_000, short: 4_000 });
/** How much later than that the last of them may be let go. The short form runs beside other tests, which take the processor from it. */
const LATE_MS = sized({ full: 5_000, short: 30_000 });
/** What a reader that takes nothing may make us keep. */
const READER_BYTES_MAX = 512 * 1024;
/** What it may add to the size of the process, with all that the allocator holds back. Of few readers that is the larger part. */
const RESIDENT_BYTES_MAX = sized({ full: 768 * 1024, short: 4 * 1024 * 1024 });
/** What a provider would send to each, if anybody read it. */
const ANSWER_PIECES = 2_000;
const WARM_PIECES = 300;
const WARM_READERS = 40;

let database: TestDatabase;
let sql: SqlClient;
let provider: ScriptedProvider;
let gateway: GatewayProcess;
let owner: TestOrganization;

beforeAll(async () => {
  [database, provider] = await Promise.all([createTestDatabase(), startScriptedProvider()]);
  sql = await openSqlClient(database.url);
  owner = await createOrganization(database.db, { credits: nanodollarsFromUsd('1000') });
  gateway = await startGatewayProcess({
    databaseUrl: database.url,
    providerUrl: provider.url,
    environment: { GATEWAY_CLIENT_STALL_MS: String(STALL_MS) },
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([provider.close(), sql.end()]);
  await database.drop();
});

const url = (): string => `http://127.0.0.1:${gateway.port}/api/v1/chat/completions`;

function chat(isStreamed: boolean): Promise<Response> {
  return fetch(url(), {
    method: 'POST',
    headers: { authorization: `Bearer ${owner.apiKey}` },
    body: JSON.stringify({ ...hi, stream: isStreamed }),
  });
}

/** Asks for a stream over a bare socket and never reads a byte of it. */
function stalledReader(): Socket {
  const body = JSON.stringify({ ...hi, stream: true, user: 'stalled', seed: STALLED_SEED });
  const socket = connect(gateway.port, '127.0.0.1');
  socket.pause();
  socket.on('error', () => undefined);
  socket.write(
    `POST /api/v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${owner.apiKey}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  return socket;
}

interface Ended {
  readonly count: number;
  readonly cancelled: number;
  readonly charged: number;
}

async function endedStreams(): Promise<Ended> {
  const { rows } = await sql.query<Ended>(
    `SELECT count(*)::integer AS count, count(*) FILTER (WHERE "end" = 'client_cancelled')::integer AS cancelled,
            count(*) FILTER (WHERE charge_nanodollars > 0)::integer AS charged
       FROM generation WHERE end_user = 'stalled'`,
  );
  return rows[0] ?? { count: 0, cancelled: 0, charged: 0 };
}

test(
  `${READERS} readers that stop reading hold little memory, are hung up on in time, pay for what was written, and leave nothing behind`,
  async () => {
    let written = 0;
    /** How long the slowest of the providers' connections was blocked before it was closed. */
    let blockedMs = 0;
    provider.script = async ({ body, response, request }) => {
      if (body['stream'] !== true) return hello({ body, response, request });
      const isStalled = body['seed'] === STALLED_SEED;
      beginStream(response);
      const closed = once(response, 'close');
      const piece = frames.text('lorem ipsum '.repeat(1_000));
      for (let count = 0; count < (isStalled ? ANSWER_PIECES : WARM_PIECES) && !response.destroyed; count += 1) {
        if (isStalled) written += piece.length;
        const atMs = performance.now();
        if (!response.write(piece)) await Promise.race([once(response, 'drain'), closed]);
        if (isStalled) blockedMs = Math.max(blockedMs, performance.now() - atMs);
      }
      response.end(frames.finish + frames.usage(10, 5) + frames.done);
    };
    // What a gateway needs that sends such answers to readers who take them is there before: only what readers leave to it is counted.
    await Promise.all(Array.from({ length: WARM_READERS }, async () => (await chat(true)).text()));
    const before = await gateway.probe();

    const sockets = Array.from({ length: READERS }, stalledReader);
    const peak = { residentBytes: 0, heapBytes: 0, unsentBytes: 0 };
    let politeMs = 0;
    const ended = await eventually(
      async () => {
        const now = await gateway.probe();
        peak.residentBytes = Math.max(peak.residentBytes, now.residentBytes);
        peak.heapBytes = Math.max(peak.heapBytes, now.heapBytes);
        peak.unsentBytes = Math.max(peak.unsentBytes, now.unsentBytes);
        // One that reads is not held up by those that do not.
        const politeAtMs = performance.now();
        expect((await chat(false)).status).toBe(200);
        politeMs = Math.max(politeMs, performance.now() - politeAtMs);
        await new Promise((resolve) => setTimeout(resolve, 250));
        return endedStreams();
      },
      { holds: ({ count }) => count === READERS, patienceMs: STALL_MS * 4 + 60_000 },
    );
    const each = (bytes: number): number => bytes / READERS;
    const residentPer = each(peak.residentBytes - before.residentBytes);
    const livePer = each(peak.heapBytes - before.heapBytes);
    const unsentPer = each(peak.unsentBytes);
    const after = await eventually(
      () => gateway.probe(),
      ({ resources }) => (resources['TCPSocketWrap'] ?? 0) <= (before.resources['TCPSocketWrap'] ?? 0) + 24,
    );
    const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;
    tell(
      `${READERS} stalled readers, ${kib(each(written))} sent to each until it stalled; at the peak each held ${kib(residentPer)} resident, ` +
        `${kib(livePer)} live, ${kib(unsentPer)} unsent; the slowest was let go after ${blockedMs.toFixed(0)} ms; another request took ` +
        `${politeMs.toFixed(0)} ms at most; timers ${before.resources['Timeout']} before, ${after.resources['Timeout']} after`,
    );
    expect(livePer + unsentPer).toBeLessThan(READER_BYTES_MAX);
    expect(residentPer).toBeLessThan(RESIDENT_BYTES_MAX);
    expect(blockedMs).toBeLessThan(STALL_MS + LATE_MS);
    expect(ended).toEqual({ count: READERS, cancelled: READERS, charged: READERS });
    expect(after.resources['Timeout'] ?? 0).toBeLessThanOrEqual((before.resources['Timeout'] ?? 0) + 10);
    for (const socket of sockets) socket.destroy();
    expect((await database.db.ledger.openHolds()).count).toBe(0);
    expect(await gateway.metric('bourse_lease_reserved_usd')).toBe(0);
    expect(await gateway.metric('bourse_open_generations')).toBe(0);
    expect(gateway.exitCode()).toBeNull();
    expect((await chat(true)).status).toBe(200);
    // When it stops it gives back what it leases: nothing is held any more, so nothing was forgotten.
    expect(await gateway.stop()).toBe(0);
    expect((await database.db.ledger.balance(owner.organizationId)).held).toBe(0n);
    expect((await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0)).toEqual([]);
  },
  STALL_MS * 4 + 120_000,
);

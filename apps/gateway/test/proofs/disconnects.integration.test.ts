import { type ClientRequest, request } from 'node:http';
import { connect } from 'node:net';
import type { Endpoint } from '@bourse/catalog';
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
import { loadTokenCounter, type TokenCounter } from '../../src/tokenizer.ts';
import { eventually } from '../harness.ts';
import { beginStream, hello, type ScriptedProvider, startScriptedProvider } from '../scripted-provider.ts';
import { type DisconnectCase, disconnectCases } from './disconnect-cases.ts';
import { bodyOf, type ExpectedRow, expectedRows } from './disconnect-charge.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { sized, tell } from './size.ts';

/** At every so-manyth byte of each piece that a provider writes. */
const STRIDE = sized({ full: 4, short: 97 });
const AT_ONCE = 32;
/** Requests that are not even whole when their client leaves. */
const TORN_REQUESTS = sized({ full: 500, short: 50 });

let database: TestDatabase;
let sql: SqlClient;
let provider: ScriptedProvider;
let gateway: GatewayProcess;
let owner: TestOrganization;
let counter: TokenCounter;
let endpoints: ReadonlyMap<string, Endpoint>;

beforeAll(async () => {
  [database, provider, counter] = await Promise.all([
    createTestDatabase(),
    startScriptedProvider(),
    loadTokenCounter(),
  ]);
  sql = await openSqlClient(database.url);
  owner = await createOrganization(database.db, { credits: nanodollarsFromUsd('1000') });
  const { endpointsByModel } = await database.db.catalog.loadSnapshot();
  endpoints = new Map((endpointsByModel.get('sandbox/atlas-1') ?? []).map((each) => [each.providerSlug, each]));
  gateway = await startGatewayProcess({
    databaseUrl: database.url,
    providerUrl: provider.url,
    environment: { GATEWAY_FIRST_FLUSH_MS: '30', GATEWAY_KEEP_ALIVE_MS: '20', BOURSE_MARKUP_BPS: '500' },
  });
});
afterAll(async () => {
  await gateway.stop();
  await Promise.all([provider.close(), sql.end()]);
  await database.drop();
});

/** A case while it runs: the provider tells that it was called and that it has written, the client that it is gone. */
interface Running {
  readonly each: DisconnectCase;
  readonly called: PromiseWithResolvers<void>;
  readonly written: PromiseWithResolvers<void>;
  readonly gone: PromiseWithResolvers<void>;
}

const running = new Map<unknown, Running>();

/** Writes up to the cut, waits until the client is gone, goes on if anybody is still there. */
const play: ScriptedProvider['script'] = async (call) => {
  const run = running.get(call.body['stop']);
  if (run === undefined) return hello(call);
  const { pieces, isStreamed } = run.each.script;
  const { response } = call;
  response.on('error', () => undefined);
  run.called.resolve();
  if (!isStreamed) {
    await run.gone.promise;
    return hello(call);
  }
  if (run.each.cut > 0 || run.each.when === 'seen') beginStream(response);
  const write = async (bytes: string): Promise<void> => {
    if (bytes === '' || response.destroyed) return;
    response.write(bytes);
    // Each piece by itself: the next one is not in the same packet.
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const [index, piece] of pieces.entries()) {
    if (index === run.each.cut) {
      await write(piece.bytes.slice(0, run.each.bytes));
      run.written.resolve();
      await run.gone.promise;
      if (!response.headersSent) beginStream(response);
      await write(piece.bytes.slice(run.each.bytes));
    } else await write(piece.bytes);
    if (piece.ends === 'reset') response.destroy();
  }
  run.written.resolve();
  response.end();
};

/** What a client must have seen before it leaves. */
function marksOf({ script, cut, when }: DisconnectCase): readonly string[] {
  if (when !== 'seen') return [];
  return script.pieces.slice(0, cut).flatMap(({ mark }) => (mark === null ? [] : [mark]));
}

function leave(client: ClientRequest, how: DisconnectCase['how']): void {
  if (how === 'reset' && client.socket) client.socket.resetAndDestroy();
  client.destroy();
}

/** After a hang-up came to its machine, a gateway that answered twice has seen it: it takes events in the order in which they come. */
async function noticed(): Promise<void> {
  for (let trip = 0; trip < 2; trip += 1) await (await fetch(`http://127.0.0.1:${gateway.port}/healthz`)).text();
}

/** Asks, leaves when its case says so. */
async function runCase(each: DisconnectCase): Promise<void> {
  const run: Running = {
    each,
    called: Promise.withResolvers(),
    written: Promise.withResolvers(),
    gone: Promise.withResolvers(),
  };
  running.set(each.id, run);
  const head = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<void>();
  const marks = marksOf(each);
  if (marks.length === 0) seen.resolve();
  const client = request({
    port: gateway.port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/api/v1/chat/completions',
    agent: false,
    headers: { authorization: `Bearer ${owner.apiKey}` },
  });
  client.on('error', () => undefined);
  client.on('response', (response) => {
    head.resolve();
    let text = '';
    response.on('error', () => undefined);
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (marks.every((mark) => text.includes(mark))) seen.resolve();
    });
  });
  client.end(JSON.stringify(bodyOf(each)));
  await run.called.promise;
  if (each.when === 'headers') await head.promise;
  if (each.when === 'seen') await Promise.all([run.written.promise, seen.promise]);
  leave(client, each.how);
  await noticed();
  run.gone.resolve();
}

/** Half a request, and then nobody. */
async function tornRequest(index: number): Promise<void> {
  const body = JSON.stringify({ model: 'sandbox/atlas-1', messages: [{ role: 'user', content: 'x' }], user: 'torn' });
  const text = `POST /api/v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${owner.apiKey}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const socket = connect(gateway.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
    socket.write(text.slice(0, 1 + Math.floor((index / TORN_REQUESTS) * (text.length - 2))), () => {
      if (index % 2 === 0) socket.destroy();
      else socket.resetAndDestroy();
    });
  });
}

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  const workers = Array.from({ length: AT_ONCE }, async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  });
  await Promise.all(workers);
}

async function rows(): Promise<ReadonlyMap<string, ExpectedRow>> {
  const found = await sql.query<{ id: string; end: string; charge: string; flags: string[] }>(
    'SELECT end_user AS id, "end", charge_nanodollars AS charge, flags FROM generation WHERE end_user IS NOT NULL',
  );
  return new Map(found.rows.map(({ id, end, charge, flags }) => [id, { end, charge, flags }]));
}

function nameOf({ id, script, cut, bytes, when, how }: DisconnectCase): string {
  return `${id}: ${script.name} at ${script.provider}, ${cut} pieces and ${bytes} bytes, ${when}, ${how}`;
}

/** The cases whose books say something that the billing table does not. */
async function wrongRows(cases: readonly DisconnectCase[]): Promise<readonly string[]> {
  const found = await rows();
  const wrong: string[] = [];
  for (const each of cases) {
    const endpoint = endpoints.get(each.script.provider);
    if (endpoint === undefined) throw new Error(`no endpoint at ${each.script.provider}`);
    const expected = await expectedRows(each, { endpoint, counter });
    const row = found.get(each.id);
    if (row !== undefined && expected.some((one) => JSON.stringify(one) === JSON.stringify(row))) continue;
    wrong.push(`${nameOf(each)}: ${JSON.stringify(row)} instead of ${JSON.stringify(expected)}`);
  }
  return wrong;
}

test('clients that leave at every moment of every kind of answer harm nobody, pay what the billing table says and leave nothing behind', async () => {
  provider.script = play;
  const cases = disconnectCases(STRIDE);
  const warm = cases.slice(0, AT_ONCE * 2).map((each) => ({ ...each, id: `warm-${each.id}` }));
  await inTurns(warm, runCase);
  await eventually(rows, (found) => found.size >= warm.length);
  const settled = (): Promise<Readonly<Record<string, number>>> => gateway.probe().then(({ resources }) => resources);
  const before = await eventually(settled, (resources) => (resources['TCPServerWrap'] ?? 0) === 1);

  const startMs = performance.now();
  await inTurns(cases, runCase);
  await inTurns(
    Array.from({ length: TORN_REQUESTS }, (_, index) => index),
    tornRequest,
  );
  const ranMs = performance.now() - startMs;
  await eventually(rows, (found) => found.size >= warm.length + cases.length);
  expect(await wrongRows(cases)).toEqual([]);
  expect((await rows()).has('torn')).toBe(false);

  expect(gateway.exitCode()).toBeNull();
  const after = await eventually(
    settled,
    (resources) =>
      (resources['TCPSocketWrap'] ?? 0) <= (before['TCPSocketWrap'] ?? 0) + AT_ONCE &&
      (resources['Timeout'] ?? 0) <= (before['Timeout'] ?? 0) + 10,
  );
  tell(
    `${cases.length} disconnections and ${TORN_REQUESTS} torn requests in ${(ranMs / 1000).toFixed(1)} s, all charged by the table; ` +
      `sockets ${before['TCPSocketWrap']} before, ${after['TCPSocketWrap']} after; timers ${before['Timeout']} before, ${after['Timeout']} after`,
  );
  expect((await database.db.ledger.openHolds()).count).toBe(0);
  expect(await gateway.metric('bourse_lease_reserved_usd')).toBe(0);
  expect(await gateway.metric('bourse_open_generations')).toBe(0);
  expect(await gateway.stop()).toBe(0);
  expect((await database.db.ledger.balance(owner.organizationId)).held).toBe(0n);
  expect((await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0)).toEqual([]);
}, 900_000);

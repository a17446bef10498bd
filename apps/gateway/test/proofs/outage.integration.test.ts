import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, ledgerCheck, openDatabase } from '@bourse/db';
import { nanodollars, nanodollarsFromUsd } from '@bourse/money';
import {
  type BreakablePostgres,
  createOrganization,
  openSqlClient,
  type SqlClient,
  startBreakablePostgres,
  type TestOrganization,
} from '@bourse/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openGatewayDatabase } from '../../src/database.ts';
import { eventually, hi, startTestGateway, type TestGateway, unknownKey } from '../harness.ts';
import { beginStream, frames, hello, type ScriptedProvider, startScriptedProvider } from '../scripted-provider.ts';
import { sized, tell } from './size.ts';

const OUTAGE_MS = sized({ full: 30_000, short: 4_000 });
/** Each with a key of its own: more than may be looked up at once. */
const CLIENTS = 24;
const PAUSE_MS = 100;
const STREAMS = 40;

interface Answered {
  readonly owner: TestOrganization;
  readonly id: string;
  readonly status: number;
  readonly text: string;
  /** From a clock of the process: when it was asked and when it was answered. */
  readonly atMs: number;
  readonly ms: number;
}

let postgres: BreakablePostgres;
let db: Database;
let sql: SqlClient;
let north: ScriptedProvider;
let south: ScriptedProvider;
let gateway: TestGateway;
let spoolDir: string;
let owners: TestOrganization[];
let poor: TestOrganization;

beforeAll(async () => {
  [postgres, north, south, spoolDir] = await Promise.all([
    startBreakablePostgres(),
    startScriptedProvider(),
    startScriptedProvider(),
    mkdtemp(join(tmpdir(), 'bourse-spool-')),
  ]);
  db = openDatabase({ url: postgres.url, applicationName: 'outage-test' });
  sql = await openSqlClient(postgres.url);
  // The server that it is connected to will be killed.
  sql.on('error', () => undefined);
  owners = [];
  for (let index = 0; index < CLIENTS; index += 1)
    owners.push(await createOrganization(db, { credits: nanodollarsFromUsd('100') }));
  // Too little to lease any of it: each request is reserved in the database.
  poor = await createOrganization(db, { credits: nanodollars(900_000n) });
  gateway = await startTestGateway({
    db: openGatewayDatabase(postgres.url),
    databaseUrl: postgres.url,
    north,
    south,
    gatewayId: 'gw_outage',
    environment: { GATEWAY_SPOOL_DIR: spoolDir },
  });
}, 120_000);
afterAll(async () => {
  await postgres.resume();
  await gateway.stop().catch(() => undefined);
  await Promise.all([north.close(), south.close(), db.close(), sql.end().catch(() => undefined)]);
  await postgres.remove();
  await rm(spoolDir, { recursive: true, force: true });
});

async function ask(
  owner: TestOrganization,
  init: { isStreamed?: boolean; key?: string; headers?: Record<string, string> } = {},
): Promise<Answered> {
  const atMs = performance.now();
  const response = await fetch(`${gateway.root}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${init.key ?? owner.apiKey}`, ...init.headers },
    body: JSON.stringify({ ...hi, stream: init.isStreamed === true }),
  });
  const text = await response.text();
  const id = response.headers.get('x-generation-id') ?? '';
  return { owner, id, status: response.status, text, atMs, ms: performance.now() - atMs };
}

/** What an answer said that it cost, in nanodollars; -1 when it said nothing. */
function costOf({ text }: Answered): number {
  const cost = /"cost":([\d.e-]+)/.exec(text)?.[1];
  return cost === undefined ? -1 : Math.round(Number(cost) * 1e9);
}

/** How many answers are not in the books with exactly the cost that they told; all of them while the database does not answer. */
async function unbooked(answers: readonly Answered[]): Promise<number> {
  try {
    const { rows } = await sql.query<{ id: string; charge: string }>({
      text: 'SELECT id, charge_nanodollars AS charge FROM generation WHERE id = ANY ($1)',
      values: [answers.map(({ id }) => id)],
    });
    const charges = new Map(rows.map(({ id, charge }) => [id, Number(charge)]));
    return answers.filter((answer) => charges.get(answer.id) !== costOf(answer)).length;
  } catch {
    sql = await openSqlClient(postgres.url).catch(() => sql);
    sql.on('error', () => undefined);
    return answers.length;
  }
}

interface Load {
  readonly answers: Answered[];
  stop(): Promise<void>;
}

let load: Load | null = null;
afterEach(() => load?.stop());

/** Clients that ask again and again until they are stopped, and keep every answer. */
function startLoad(): Load {
  const answers: Answered[] = [];
  let isOver = false;
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let count = 0; !isOver; count += 1) {
      const owner = owners[client % owners.length];
      if (owner === undefined) throw new Error('no owner');
      // Some come from an app that nobody has seen before, which is one more question to the database.
      const headers = count % 10 === 0 ? { 'http-referer': `https://app-${client}-${count}.example` } : {};
      answers.push(await ask(owner, { isStreamed: count % 2 === 0, headers }));
      await delay(PAUSE_MS);
    }
  });
  load = {
    answers,
    async stop() {
      isOver = true;
      await Promise.all(clients);
    },
  };
  return load;
}

/** Answers at once, but streams of the marked kind only when they are told to. */
function scriptWithGates(): { readonly early: PromiseWithResolvers<void>; readonly late: PromiseWithResolvers<void> } {
  const gates = { early: Promise.withResolvers<void>(), late: Promise.withResolvers<void>() };
  north.script = async (call) => {
    const kind = call.body['stop'];
    if (kind !== 'early' && kind !== 'late') return hello(call);
    beginStream(call.response);
    call.response.write(frames.role + frames.text('hel'));
    await gates[kind].promise;
    call.response.end(frames.text('lo') + frames.finish + frames.usage(10, 5) + frames.done);
  };
  return gates;
}

async function stream(owner: TestOrganization, kind: 'early' | 'late'): Promise<Answered> {
  const atMs = performance.now();
  const response = await fetch(`${gateway.root}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${owner.apiKey}` },
    body: JSON.stringify({ ...hi, stream: true, stop: kind }),
  });
  const text = await response.text();
  const id = response.headers.get('x-generation-id') ?? '';
  return { owner, id, status: response.status, text, atMs, ms: performance.now() - atMs };
}

function openStreams(kind: 'early' | 'late'): Promise<Answered>[] {
  return Array.from({ length: STREAMS / 2 }, (_, index) => {
    // Some of them on holds in the database, some on leases.
    const owner = index % 5 === 0 ? poor : owners[index % owners.length];
    if (owner === undefined) throw new Error('no owner');
    return stream(owner, kind);
  });
}

const outages = [
  {
    name: 'stopped dead, its connections open',
    begin: () => postgres.pause(),
    end: () => postgres.resume(),
  },
  { name: 'killed and started again', begin: () => postgres.kill(), end: () => postgres.start() },
] as const;

describe.each(outages)('PostgreSQL $name', ({ name, begin, end }) => {
  test(
    'running streams finish, new requests are served from leases or get 503, and everything is charged soon after its return',
    async () => {
      const gates = scriptWithGates();
      const { answers, stop } = startLoad();
      await eventually(
        async () => answers.filter(({ status }) => status === 200).length,
        (count) => count > CLIENTS * 4,
      );
      const callsBefore = north.calls.length;
      const [early, late] = [openStreams('early'), openStreams('late')];
      await eventually(
        async () => north.calls.slice(callsBefore).filter(({ body }) => body['stop'] !== undefined).length,
        (count) => count === STREAMS,
      );

      await begin();
      const brokenAtMs = performance.now();
      await delay(OUTAGE_MS / 4);
      gates.early.resolve();
      const endedEarly = await Promise.all(early);
      const earlyMs = performance.now() - brokenAtMs - OUTAGE_MS / 4;
      // Nobody may be told that a key is wrong or that credits are missing, because nobody knows.
      const strangers = await Promise.all([
        ask(poor),
        ask(poor, { key: unknownKey() }),
        ask(owners[0] ?? poor, { headers: { 'idempotency-key': `outage ${name}` } }),
      ]);
      await delay(Math.max(0, brokenAtMs + OUTAGE_MS - performance.now()));
      await end();
      const mendedAtMs = performance.now();
      gates.late.resolve();
      const endedLate = await Promise.all(late);

      const streams = [...endedEarly, ...endedLate];
      for (const answer of streams) expect(answer.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
      expect(strangers.map(({ status }) => status)).toEqual([503, 503, 503]);
      const delivered = [...answers, ...streams].filter(({ status, atMs }) => status === 200 && atMs < mendedAtMs);
      await eventually(
        () => unbooked(delivered),
        (count) => count === 0,
      );
      const settledMs = performance.now() - mendedAtMs;
      // By itself: the same process serves all of its callers again.
      const [again, known] = [await ask(poor), await ask(owners[0] ?? poor)];
      expect([again.status, known.status]).toEqual([200, 200]);
      await stop();

      const during = answers.filter(({ atMs }) => atMs > brokenAtMs && atMs < mendedAtMs);
      const served = during.filter(({ status }) => status === 200);
      const refused = during.filter(({ status }) => status !== 200);
      expect(
        [...new Set(answers.map(({ status }) => status))].filter((status) => status !== 200 && status !== 503),
      ).toEqual([]);
      const slowest = Math.max(...during.map(({ ms }) => ms));
      tell(
        `PostgreSQL ${name} for ${OUTAGE_MS / 1000} s: ${STREAMS} running streams finished (early ones within ${earlyMs.toFixed(0)} ms); ` +
          `${served.length} of ${during.length} new requests served from leases, ${refused.length} refused with 503, slowest ${slowest.toFixed(0)} ms; ` +
          `strangers ${strangers.map(({ ms }) => ms.toFixed(0)).join(', ')} ms; everything charged ${settledMs.toFixed(0)} ms after its return`,
      );
      expect(settledMs).toBeLessThan(10_000);
      for (const owner of [...owners, poor]) expect(await gateway.gateway.booked(owner.organizationId)).toBe(true);
      expect(gateway.gateway.reserved()).toBe(0n);
      expect((await ledgerCheck({ url: postgres.url })).filter(({ differences }) => differences > 0)).toEqual([]);
    },
    OUTAGE_MS * 3 + 60_000,
  );
});

test('after it the spool is empty and goes with its gateway', async () => {
  await gateway.stop();
  expect(await readdir(spoolDir)).toEqual([]);
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerCheck, type WrittenCharge, writeCharge } from '@bourse/db';
import { nanodollars } from '@bourse/money';
import {
  createOrganization,
  createTestDatabase,
  generationRecord,
  type TestDatabase,
  type TestOrganization,
} from '@bourse/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordingLog } from '../../test/recording-log.ts';
import { adoptSpools } from './adopt-spools.ts';
import { frameRecord } from './segment.ts';
import { readOwner, type SpoolOwner } from './spool-owner.ts';

let database: TestDatabase;
let owner: TestOrganization;
let neighbour: ChildProcess;
/** The number of a process that has ended. */
let deadPid: number;
let root: string;

beforeAll(async () => {
  database = await createTestDatabase();
  neighbour = spawn('sleep', ['1000']);
  const short = spawn('true');
  deadPid = short.pid ?? 0;
  await once(short, 'exit');
});
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bourse-adopt-'));
  owner = await createOrganization(database.db, { credits: nanodollars(1_000n) });
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
  expect((await ledgerCheck({ url: database.url })).filter(({ differences }) => differences > 0)).toEqual([]);
});
afterAll(async () => {
  neighbour.kill();
  await database.drop();
});

/** A charge on a hold that the dead gateway made. */
async function charge(gatewayId: string, amount: number): Promise<WrittenCharge> {
  const record = generationRecord(owner);
  const { organizationId, apiKeyId } = owner;
  const hold = {
    generationId: record.id,
    organizationId,
    apiKeyId,
    amount: nanodollars(100n),
    ttlMs: 60_000,
    gatewayId,
  };
  expect((await database.db.ledger.reserve(hold)).kind).toBe('held');
  const [owed, cost] = [nanodollars(BigInt(amount)), nanodollars(1n)];
  return writeCharge({ record, charge: owed, cost, providerSlug: 'sandbox-north', lease: null });
}

async function spool(
  gatewayId: string,
  content: string,
  options: { name?: string; owner?: Partial<SpoolOwner> } = {},
): Promise<string> {
  const directory = join(root, options.name ?? gatewayId);
  await mkdir(directory);
  const signed: SpoolOwner = { gatewayId, host: hostname(), pid: deadPid, startedAt: null, ...options.owner };
  await writeFile(join(directory, 'owner.json'), JSON.stringify(signed));
  await writeFile(join(directory, '000001.wal'), Buffer.concat([Buffer.from(content), Buffer.alloc(1_000)]));
  return directory;
}

function adopt(gatewayId = 'gw_me') {
  const { log, events } = recordingLog();
  return adoptSpools({ root, gatewayId, leases: database.db.leases, log }).then((adopted) => ({ adopted, events }));
}

const posted = async () => (await database.db.ledger.balance(owner.organizationId)).posted;
const held = async () => (await database.db.ledger.balance(owner.organizationId)).held;

test('what a dead process wrote is charged once, what it held and did not charge is free, and its directory goes', async () => {
  const charges = [await charge('gw_dead', 30), await charge('gw_dead', 12)];
  await charge('gw_dead', 0);
  await spool('gw_dead', charges.map(({ text }) => frameRecord(text)).join(''));
  expect(await held()).toBe(300n);
  expect(await adopt()).toEqual({ adopted: 1, events: [] });
  expect([await posted(), await held()]).toEqual([958n, 0n]);
  expect(await readdir(root)).toEqual([]);
  expect(await adopt()).toEqual({ adopted: 0, events: [] });
  expect(await posted()).toBe(958n);
});

test('what was torn was promised to nobody and is not charged; its neighbours are', async () => {
  const [first, torn, last] = [await charge('gw_torn', 30), await charge('gw_torn', 12), await charge('gw_torn', 5)];
  await spool(
    'gw_torn',
    `${frameRecord(first.text)}${frameRecord(torn.text).slice(0, 80)}\0\0\0${frameRecord(last.text)}`,
  );
  expect((await adopt()).adopted).toBe(1);
  expect([await posted(), await held()]).toEqual([965n, 0n]);
});

test('a process that lives keeps its spool and its holds', async () => {
  const mine = await charge('gw_alive', 30);
  await spool('gw_alive', frameRecord(mine.text), { owner: { pid: neighbour.pid ?? 0 } });
  expect(await adopt()).toEqual({ adopted: 0, events: [] });
  expect([await posted(), await held()]).toEqual([1_000n, 100n]);
  expect(await readdir(root)).toEqual(['gw_alive']);
});

test('another process with the number of a dead one does not keep its spool', async () => {
  await spool('gw_reused', '', { owner: { pid: neighbour.pid ?? 0, startedAt: '1' } });
  expect((await adopt()).adopted).toBe(1);
});

test('a process on another host counts as dead only when the database has not seen it for long', async () => {
  const { leases } = database.db;
  await leases.heartbeat({ gatewayId: 'gw_far', host: 'elsewhere', spoolPending: 0, spoolOldestMs: 0 });
  await spool('gw_far', '', { owner: { host: 'elsewhere' } });
  expect((await adopt()).adopted).toBe(0);
  await spool('gw_unseen', '', { owner: { host: 'elsewhere' } });
  expect((await adopt()).adopted).toBe(1);
  expect(await readdir(root)).toEqual(['gw_far']);
});

test('of several that adopt at the same time one does, and the charge is booked once', async () => {
  const mine = await charge('gw_dead_2', 30);
  await spool('gw_dead_2', frameRecord(mine.text));
  const results = await Promise.all(['gw_a', 'gw_b', 'gw_c'].map((id) => adopt(id)));
  expect(results.map(({ adopted }) => adopted).toSorted()).toEqual([0, 0, 1]);
  expect(await posted()).toBe(970n);
});

test('a spool whose adopter died half-way is adopted again; one whose adopter lives is left to it', async () => {
  const mine = await charge('gw_dead_3', 30);
  await spool('gw_dead_3', frameRecord(mine.text), { name: 'gw_dead_3.adopted-by-gw_adopter' });
  await spool('gw_adopter', '', { owner: { pid: neighbour.pid ?? 0 } });
  expect((await adopt()).adopted).toBe(0);
  // Now the adopter dies: its own directory, and what it had adopted.
  const path = join(root, 'gw_adopter', 'owner.json');
  await writeFile(path, JSON.stringify({ ...JSON.parse(await readFile(path, 'utf8')), pid: deadPid }));
  expect((await adopt()).adopted).toBe(2);
  expect([await posted(), await held()]).toEqual([970n, 0n]);
  expect(await readdir(root)).toEqual([]);
});

test('a record that is no charge stays for a person to look at, and the good ones beside it are booked', async () => {
  const mine = await charge('gw_strange', 30);
  await spool('gw_strange', frameRecord('{"id":"gen_strange"}') + frameRecord(mine.text) + frameRecord('no json'));
  const first = await adopt();
  expect(first).toEqual({ adopted: 0, events: ['spool.strange_record', 'spool.strange_record'] });
  expect(await posted()).toBe(970n);
  const [directory = ''] = await readdir(root);
  expect(directory).toBe('gw_strange.adopted-by-gw_me');
  expect(await readFile(join(root, directory, '000001.wal'), 'utf8')).toContain('gen_strange');
  // The next process finds it again, charges nothing twice and leaves it.
  expect((await adopt('gw_next')).adopted).toBe(0);
  expect(await posted()).toBe(970n);
});

test('a directory without a readable owner belongs to nobody that we know and is left alone', async () => {
  await mkdir(join(root, 'other'));
  await mkdir(join(root, 'broken'));
  await writeFile(join(root, 'broken', 'owner.json'), '{"gatewayId":');
  expect(await readOwner(join(root, 'broken'))).toBeNull();
  expect(await adopt()).toEqual({ adopted: 0, events: [] });
  expect((await readdir(root)).sort()).toEqual(['broken', 'other']);
});

test('without the root there is nothing to adopt', async () => {
  await rm(root, { recursive: true });
  expect(await adopt()).toEqual({ adopted: 0, events: [] });
});

test('with the database away the spool stays, and the next round adopts it', async () => {
  const mine = await charge('gw_later', 30);
  await spool('gw_later', frameRecord(mine.text));
  const { leases } = database.db;
  const { log } = recordingLog();
  const away = { ...leases, settle: () => Promise.reject(new Error('away')) };
  await expect(adoptSpools({ root, gatewayId: 'gw_me', leases: away, log })).rejects.toThrow('away');
  expect(await readdir(root)).toEqual(['gw_later']);
  expect((await adopt()).adopted).toBe(1);
  expect(await posted()).toBe(970n);
});

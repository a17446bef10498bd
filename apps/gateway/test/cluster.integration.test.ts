import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ledgerCheck } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import {
  createOrganization,
  createTestDatabase,
  freePort,
  type TestDatabase,
  type TestOrganization,
  wideLimits,
} from '@bourse/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './harness.ts';
import { hello, type ScriptedProvider, startScriptedProvider } from './scripted-provider.ts';

let database: TestDatabase;
let owner: TestOrganization;
let provider: ScriptedProvider;
let port: number;
let spoolDir: string;
let gateway: ChildProcess;

beforeAll(async () => {
  [database, provider, port] = await Promise.all([createTestDatabase(), startScriptedProvider(), freePort()]);
  owner = await createOrganization(database.db, { credits: nanodollarsFromUsd('100') });
  spoolDir = await mkdtemp(join(tmpdir(), 'bourse-spool-'));
  provider.script = hello;
  gateway = start();
  await untilServing();
});

afterAll(async () => {
  gateway.kill('SIGKILL');
  await provider.close();
  await database.drop();
  await rm(spoolDir, { recursive: true, force: true });
});

function start(): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: database.url,
      GATEWAY_PORT: String(port),
      GATEWAY_HOST: '127.0.0.1',
      GATEWAY_PROCESSES: '2',
      GATEWAY_SPOOL_DIR: spoolDir,
      ...wideLimits,
      BOURSE_SANDBOX_URL: provider.url,
      LOG_LEVEL: 'error',
    },
    stdio: 'inherit',
  });
}

/** The processes that own a spool, and so serve. */
async function processes(): Promise<readonly number[]> {
  const names = (await readdir(spoolDir)).filter((name) => !name.includes('.adopted-by-'));
  const owners = await Promise.all(
    names.map((name) => readFile(join(spoolDir, name, 'owner.json'), 'utf8').catch(() => null)),
  );
  return owners.flatMap((text) => (text === null ? [] : [(JSON.parse(text) as { pid: number }).pid]));
}

/** Both own a spool and the port answers. */
async function untilServing(isNew: (pids: readonly number[]) => boolean = () => true): Promise<void> {
  await eventually(processes, (pids) => pids.length === 2 && isNew(pids));
  await eventually(
    () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
  );
}

const headers = () => ({ authorization: `Bearer ${owner.apiKey}`, connection: 'close' });

/** Each on a connection of its own, so that both processes get some. */
async function ask(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/chat/completions`, {
    method: 'POST',
    headers: headers(),
    // A connection that was being handed to a process when that was killed answers nobody.
    signal: AbortSignal.timeout(10_000),
    body: JSON.stringify({ model: 'sandbox/atlas-1', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }] }),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { usage: { cost: number } }).usage.cost;
}

async function used(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/credits`, { headers: headers() });
  return ((await response.json()) as { data: { total_usage: number } }).data.total_usage;
}

const nano = (usd: number): number => Math.round(usd * 1e9);

test('two processes share the port; whichever is asked knows at once what all have charged and counted', async () => {
  const costs = await Promise.all(Array.from({ length: 40 }, ask));
  const sum = costs.reduce((total, cost) => total + nano(cost), 0);
  for (let look = 0; look < 4; look += 1) expect(nano(await used())).toBe(sum);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const counted = /^bourse_settlements_total\{[^}]*\} (\d+)$/m.exec(metrics)?.[1];
  expect(Number(counted)).toBe(40);
}, 60_000);

test('a process that is killed is replaced, its charges are settled by the next, and none is lost', async () => {
  const before = nano(await used());
  const costs: number[] = [];
  const [victim = 0] = await processes();
  const clients = Array.from({ length: 60 }, (_, index) =>
    ask().then(
      (cost) => {
        costs.push(nano(cost));
        if (index === 20) process.kill(victim, 'SIGKILL');
        return undefined;
      },
      // A connection of the killed process: nothing was promised.
      () => undefined,
    ),
  );
  await Promise.all(clients);
  await untilServing((pids) => !pids.includes(victim));
  const delivered = costs.reduce((total, cost) => total + cost, 0);
  // What was written down and not delivered is charged as well, at most once for each client.
  await eventually(used, (total) => nano(total) - before >= delivered);
  expect(nano(await used()) - before).toBeLessThanOrEqual(Math.max(...costs) * 60);
  expect((await ledgerCheck({ url: database.url })).filter((check) => check.differences > 0)).toEqual([]);
}, 60_000);

test('a signal to the primary ends all, with the books closed and no spool left', async () => {
  await ask();
  gateway.kill('SIGTERM');
  await once(gateway, 'exit');
  expect(gateway.exitCode).toBe(0);
  expect(await readdir(spoolDir)).toEqual([]);
  expect((await ledgerCheck({ url: database.url })).filter((check) => check.differences > 0)).toEqual([]);
}, 60_000);

test('a port that is taken ends the primary with an error', async () => {
  const first = start();
  await untilServing();
  const second = start();
  await once(second, 'exit');
  expect(second.exitCode).toBe(1);
  first.kill('SIGTERM');
  await once(first, 'exit');
}, 60_000);

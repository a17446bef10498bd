import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '@bourse/db/embedded';
import { freePort } from '@bourse/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

let dataDir: string;
let port: number;
let count = 0;

async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(sql);
  await client.end();
  return rows;
}

beforeEach(async () => {
  count += 1;
  dataDir = join(tmpdir(), `bourse-embedded-${process.pid}-${count}`);
  port = await freePort();
});

afterEach(async () => {
  for (const path of [dataDir, `${dataDir}.log`, `${dataDir}.owner`]) await rm(path, { recursive: true, force: true });
});

test('keeps its data from one start to the next, and stops when asked', async () => {
  const first = await startEmbeddedPostgres({ dataDir, port });
  await query(first.url, 'CREATE TABLE kept (id integer)');
  await first.stop();
  await expect(query(first.url, 'SELECT 1')).rejects.toThrow();
  const second = await startEmbeddedPostgres({ dataDir, port });
  expect(await query(second.url, "SELECT to_regclass('kept')::text AS found")).toEqual([{ found: 'kept' }]);
  await second.stop();
});

test('begins anew after a start that was interrupted while the data directory was made', async () => {
  await mkdir(`${dataDir}.init-dead/base`, { recursive: true });
  await mkdir(join(dataDir, 'base'), { recursive: true });
  await writeFile(join(dataDir, 'PG_VERSION'), '18\n');
  const server = await startEmbeddedPostgres({ dataDir, port, isEphemeral: true });
  expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await server.stop();
  expect((await readdir(tmpdir())).filter((name) => name.startsWith(`${dataDir.split('/').at(-1)}.`))).toEqual([]);
});

test('refuses a directory that holds something else, and leaves it as it is', async () => {
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'diary.txt'), 'dear diary');
  await expect(startEmbeddedPostgres({ dataDir, port })).rejects.toThrow(
    'not empty and not a PostgreSQL data directory',
  );
  expect(await readFile(join(dataDir, 'diary.txt'), 'utf8')).toBe('dear diary');
});

test('starts over the lock file of a process that is gone, or that is something else now', async () => {
  const first = await startEmbeddedPostgres({ dataDir, port });
  const lock = await readFile(join(dataDir, 'postmaster.pid'), 'utf8');
  await first.stop();
  for (const pid of ['4194303', String(process.pid)]) {
    await writeFile(join(dataDir, 'postmaster.pid'), lock.replace(/^\d+/, pid));
    const again = await startEmbeddedPostgres({ dataDir, port });
    expect(await query(again.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await again.stop();
  }
});

test('says so when the port is taken, also by the same database of another clone', async () => {
  const squatter = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await expect(startEmbeddedPostgres({ dataDir, port })).rejects.toThrow(`did not start on port ${port}`);
  await new Promise((resolve) => squatter.close(resolve));
  const otherDir = `${dataDir}-other`;
  const other = await startEmbeddedPostgres({ dataDir: otherDir, port, isEphemeral: true });
  await expect(startEmbeddedPostgres({ dataDir, port })).rejects.toThrow(`did not start on port ${port}`);
  await other.stop();
});

test('takes over the server of a process that was killed, and leaves alone the one of a process that lives', async () => {
  const module = fileURLToPath(new URL('../src/embedded.ts', import.meta.url));
  const code = `const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    await startEmbeddedPostgres(${JSON.stringify({ dataDir, port })}); console.log('up'); setInterval(() => {}, 1000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const chunk of owner.stdout) if (String(chunk).includes('up')) break;
  const guest = await startEmbeddedPostgres({ dataDir, port });
  await guest.stop();
  expect(await query(guest.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  owner.kill('SIGKILL');
  while (owner.exitCode === null && owner.signalCode === null) await delay(5);
  const heir = await startEmbeddedPostgres({ dataDir, port });
  await heir.stop();
  await expect(query(heir.url, 'SELECT 1')).rejects.toThrow();
});

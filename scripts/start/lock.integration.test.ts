import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasMembers, takeLock } from './lock.ts';

let folder: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bourse-lock-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const lockPath = () => join(folder, 'start.lock');

/** A process that looks like a market by its arguments, or like anything else. */
async function run(name: string, script: string): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(process.execPath, ['--eval', script, name], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  if (child.pid === undefined) throw new Error('The process did not start.');
  return Object.assign(child, { pid: child.pid });
}

const wait = "console.log('up'); setInterval(() => {}, 1000);";

test('a second start names the process that is running', async () => {
  const market = await run('scripts/start.ts', wait);
  writeFileSync(lockPath(), JSON.stringify({ pid: market.pid, group: market.pid }));
  await expect(takeLock(folder)).rejects.toThrow(`Bourse is already running here (process ${market.pid})`);
  expect(existsSync(lockPath())).toBe(true);
});

test('a number that now belongs to another program does not block the start, and that program lives on', async () => {
  const stranger = await run('editor.js', wait);
  writeFileSync(lockPath(), JSON.stringify({ pid: stranger.pid, group: null }));
  const release = await takeLock(folder);
  expect(JSON.parse(readFileSync(lockPath(), 'utf8'))).toMatchObject({ pid: process.pid });
  expect(stranger.exitCode).toBeNull();
  release();
  expect(existsSync(lockPath())).toBe(false);
});

test('what a killed start left running is ended', async () => {
  const leader = await run(
    'scripts/start.ts',
    `const { spawn } = require('node:child_process');
     const child = spawn(process.execPath, ['--eval', ${JSON.stringify(wait)}], { stdio: ['ignore', 'pipe', 'ignore'] });
     child.stdout.once('data', () => console.log(child.pid));
     setInterval(() => {}, 1000);`,
  );
  const ended = new Promise((resolve) => leader.once('exit', resolve));
  leader.kill('SIGKILL');
  await ended;
  writeFileSync(lockPath(), JSON.stringify({ pid: leader.pid, group: leader.pid }));
  expect(hasMembers(leader.pid)).toBe(true);
  const release = await takeLock(folder);
  expect(hasMembers(leader.pid)).toBe(false);
  release();
});

test('a lock that was cut off while it was written is taken over', async () => {
  writeFileSync(lockPath(), '{"pid":');
  const release = await takeLock(folder);
  release();
});

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Refusal } from './refusal.ts';
import { readStateFile } from './state-file.ts';

/**
 * Makes sure that one market at a time uses a state directory. A lock whose process is gone is taken over, and what
 * that process left running is ended first. Resolves to the function that gives the lock back.
 */
export async function takeLock(stateDir: string): Promise<() => void> {
  const path = join(stateDir, 'start.lock');
  if (existsSync(path)) await clearStaleLock(path);
  try {
    writeFileSync(path, JSON.stringify({ pid: process.pid, group: ownGroup() }), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!existsSync(path)) throw error;
    throw new Refusal(`Bourse is being started in ${stateDir} by another process at this moment.`);
  }
  return () => rmSync(path, { force: true });
}

async function clearStaleLock(path: string): Promise<void> {
  const { pid, group } = readStateFile(path);
  if (typeof pid === 'number' && pid !== process.pid && isMarket(pid)) {
    throw new Refusal(
      `Bourse is already running here (process ${pid}): stop it first, or use it. Its lock is ${path}.`,
    );
  }
  // A process group outlives its leader, and its number is not given to anyone else while it has members.
  if (typeof group === 'number' && group === pid && !isAlive(group)) await endGroup(group);
  rmSync(path, { force: true });
}

/** Whether a process exists and is one of ours: after a restart of the machine its number may belong to anything. */
function isMarket(pid: number): boolean {
  if (!isAlive(pid)) return false;
  const commandLine = existsSync('/proc/self/cmdline') ? readCommandLine(pid) : ps(pid, 'command');
  return /scripts\/(start|verify|e2e|demo)|vitest|playwright|bench\//.test(commandLine);
}

function readCommandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It ended between the two looks.
    return '';
  }
}

function ps(pid: number, column: string): string {
  return spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}

/** Our process group when we lead it, as under bootstrap.mjs; null when the group holds processes that are not ours. */
function ownGroup(): number | null {
  const stat = readFileIfAny('/proc/self/stat');
  // "pid (name) state parent group ...": the name may hold spaces and brackets, so count from the last bracket.
  const group = stat ? Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) : Number(ps(process.pid, 'pgid'));
  return group === process.pid ? group : null;
}

function readFileIfAny(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

async function endGroup(group: number): Promise<void> {
  if (!signal(-group, 'SIGTERM')) return;
  for (let waitedMs = 0; waitedMs < 15_000; waitedMs += 50) {
    if (!isAlive(-group)) return;
    await delay(50);
  }
  signal(-group, 'SIGKILL');
}

function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    // EPERM: alive, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

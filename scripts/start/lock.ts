import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  if (typeof group === 'number' && group === pid) await endGroup(group);
  rmSync(path, { force: true });
}

/** Whether a process exists and is one of ours: after a restart of the machine its number may belong to anything. */
function isMarket(pid: number): boolean {
  const commandLine = existsSync('/proc/self/cmdline') ? readIfAny(`/proc/${pid}/cmdline`) : ps(pid, 'command');
  return /scripts\/(start|verify|e2e)|vitest|playwright|bench\//.test(commandLine.replaceAll('\0', ' '));
}

function ps(pid: number, column: string): string {
  return spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}

/** Empty when the file is not there, as for a process that ended between two looks. */
function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Our process group when we lead it, as under bootstrap.mjs; null when the group holds processes that are not ours. */
function ownGroup(): number | null {
  const group = existsSync('/proc/self/stat') ? groupOf(process.pid)?.group : Number(ps(process.pid, 'pgid'));
  return group === process.pid ? group : null;
}

/** From /proc: "pid (name) state parent group ...". The name may hold spaces and brackets, so count from the last bracket. */
function groupOf(pid: number | string): { readonly state: string; readonly group: number } | null {
  const stat = readIfAny(`/proc/${pid}/stat`);
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state && group ? { state, group: Number(group) } : null;
}

async function endGroup(group: number): Promise<void> {
  for (const [name, patienceMs] of [['SIGTERM', 15_000] as const, ['SIGKILL', 2_000] as const]) {
    if (!hasMembers(group)) return;
    signal(-group, name);
    for (let waitedMs = 0; waitedMs < patienceMs && hasMembers(group); waitedMs += 50) await delay(50);
  }
}

/**
 * Whether a process group has living members. Where /proc tells, the dead whom nobody collected do not count: a container
 * without an init keeps them for good.
 */
export function hasMembers(group: number): boolean {
  if (!signal(-group, 0)) return false;
  if (!existsSync('/proc/self/stat')) return true;
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map(groupOf).some((each) => each?.group === group && each.state !== 'Z');
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    // EPERM: alive, under another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

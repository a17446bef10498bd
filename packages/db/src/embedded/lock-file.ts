import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running PostgreSQL writes about itself. */
export interface LockFile {
  readonly pid: number;
  readonly port: number;
}

async function read(dataDir: string): Promise<LockFile | null> {
  try {
    const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n');
    return { pid: Number.parseInt(lines[0] ?? '', 10), port: Number.parseInt(lines[3] ?? '', 10) };
  } catch {
    return null; // not running
  }
}

/** True for a living process that is not a zombie (a container without an init keeps those) and, where we can see it, a postgres. */
async function isPostgres(pid: number): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 1 || !isAlive(pid)) return false;
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.includes('(postgres)') && !/\) Z /.test(stat);
  } catch {
    return isAlive(pid); // no /proc here (macOS), or it went away meanwhile
  }
}

/** Whether a process exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * The server that runs on this data directory, or null. A lock file whose process is gone, a zombie or something else that got the
 * same number after a crash is removed: PostgreSQL itself would refuse to start over it.
 */
export async function findRunning(dataDir: string): Promise<LockFile | null> {
  const lock = await read(dataDir);
  if (!lock) return null;
  if (await isPostgres(lock.pid)) return lock;
  await rm(join(dataDir, 'postmaster.pid'), { force: true });
  return null;
}

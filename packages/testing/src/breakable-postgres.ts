import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadCatalogData } from '@bourse/catalog/data';
import { migrate, openDatabase } from '@bourse/db';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@bourse/db/embedded';
import { randomBase62 } from '@bourse/ids';
import { freePort } from './free-port.ts';

/** A durable server of a test's own, with a migrated database and its catalog, that may be stopped in any manner. Needs Linux. */
export interface BreakablePostgres {
  readonly url: string;
  /** Stops all of its processes where they are: connections stay open, and nobody answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Kills all of its processes, and resolves when they are gone. */
  kill(): Promise<void>;
  /** Starts it again after `kill`; resolves when it has recovered. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

const POLL_MS = 10;

/** The postmaster and its children, which all work in the data directory. A zombie does nothing any more. */
async function processesIn(dataDir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const place = await readlink(`/proc/${pid}/cwd`).catch(() => null); // it ended, or is not ours
      if (place !== dataDir) return null;
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z') ? null : Number(pid);
    }),
  );
  return found.filter((pid) => pid !== null);
}

async function signalAll(dataDir: string, signal: NodeJS.Signals): Promise<void> {
  for (const pid of await processesIn(dataDir)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
  }
}

/** Starts a server on a free port. */
export async function startBreakablePostgres(): Promise<BreakablePostgres> {
  const dataDir = join(tmpdir(), `bourse-breakable-${randomBase62(8)}`, 'postgres');
  const port = await freePort();
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir, port });
  await migrate({ url: server.url });
  const db = openDatabase({ url: server.url, applicationName: 'bourse-breakable' });
  await db.catalog.replaceCatalog(loadCatalogData());
  await db.close();
  return {
    url: server.url,
    async pause() {
      // Twice: a child may have been born between the look and the signal that stopped its parent.
      await signalAll(dataDir, 'SIGSTOP');
      await signalAll(dataDir, 'SIGSTOP');
    },
    resume: () => signalAll(dataDir, 'SIGCONT'),
    async kill() {
      while ((await processesIn(dataDir)).length > 0) {
        await signalAll(dataDir, 'SIGKILL');
        await delay(POLL_MS);
      }
    },
    async start() {
      server = await startEmbeddedPostgres({ dataDir, port });
    },
    async remove() {
      await signalAll(dataDir, 'SIGCONT');
      await server.stop();
      await rm(join(dataDir, '..'), { recursive: true, force: true });
    },
  };
}

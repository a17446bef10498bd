import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { locateBinaries } from './embedded/binaries.ts';
import { initialise } from './embedded/data-directory.ts';
import { findRunning, isAlive } from './embedded/lock-file.ts';
import { type OsUser, postgresUser } from './embedded/os-user.ts';
import { reachableBinaries, reachableDataDir } from './embedded/reachable.ts';
import { serverFlags } from './embedded/settings.ts';

/** A server on loopback that belongs to this machine's user only; its password keeps other programs out by accident, not by design. */
const SUPERUSER = 'bourse';
const DATABASE = 'bourse';
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 25;

/** Where and how to run. */
export interface EmbeddedPostgresOptions {
  /** Created when it does not exist; a log is written to `<dataDir>.log`. */
  readonly dataDir: string;
  readonly port: number;
  /** For tests: no fsync, and the data directory is deleted at the end. */
  readonly isEphemeral?: boolean;
}

/** A running server. */
export interface EmbeddedPostgres {
  readonly url: string;
  /** Stops the server unless another living process of ours started it. */
  stop(): Promise<void>;
}

interface Place {
  readonly dataDir: string;
  readonly port: number;
  readonly isEphemeral: boolean;
  readonly url: string;
  readonly logFile: string;
  readonly ownerFile: string;
}

/** The data directory of the server that answers at the URL; null when none does. */
async function dataDirectoryAt(url: string): Promise<string | null> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000, query_timeout: 1_000 });
  client.on('error', () => undefined); // a server that stops meanwhile is a "no", which the calls below say as well
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory ?? null;
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function createDatabase(serverUrl: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function waitUntil(isDone: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (await isDone()) return true;
    await delay(POLL_MS);
  }
  return false;
}

async function logTail(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-5).join('\n');
}

/** Detached from our terminal's process group: a Ctrl-C there lets the apps drain first, then we stop the database. */
function launch(program: string, place: Place, user: OsUser): ChildProcess {
  const log = openSync(place.logFile, 'a');
  const child = spawn(program, serverFlags(place), { ...user, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  return child;
}

async function start(place: Place): Promise<number> {
  const user = await postgresUser();
  const binaries = await reachableBinaries(await locateBinaries(), user);
  await initialise({ ...place, initdb: binaries.initdb, user, superuser: SUPERUSER, password: SUPERUSER });
  const child = launch(binaries.postgres, place, user);
  let failure: Error | null = null;
  child.once('error', (error) => {
    failure = error;
  });
  const hasEnded = () => failure !== null || child.exitCode !== null || child.signalCode !== null;
  const serverUrl = place.url.replace(/[^/]*$/, 'postgres');
  let isUp = false;
  await waitUntil(async () => {
    // A server of another clone may have the port and the same password.
    isUp = !hasEnded() && (await dataDirectoryAt(serverUrl)) === place.dataDir;
    return isUp || hasEnded();
  }, START_TIMEOUT_MS);
  if (!isUp || child.pid === undefined) {
    child.kill('SIGKILL');
    throw new Error(`PostgreSQL did not start on port ${place.port}:\n${await logTail(place.logFile)}`, {
      cause: failure,
    });
  }
  await writeFile(place.ownerFile, String(process.pid));
  return child.pid;
}

/** A server that survived the end of the process that started it is ours now; one whose owner lives stays with its owner. */
async function adopt(place: Place, pid: number): Promise<boolean> {
  const owner = Number.parseInt(await readFile(place.ownerFile, 'utf8').catch(() => ''), 10);
  if (Number.isSafeInteger(owner) && owner !== process.pid && (await isAlive(owner))) return false;
  if (
    !(await waitUntil(
      async () => (await dataDirectoryAt(place.url.replace(/[^/]*$/, 'postgres'))) !== null,
      START_TIMEOUT_MS,
    ))
  ) {
    throw new Error(`A PostgreSQL (process ${pid}) holds ${place.dataDir} but does not answer on port ${place.port}.`);
  }
  await writeFile(place.ownerFile, String(process.pid));
  return true;
}

async function stopServer(place: Place, pid: number): Promise<void> {
  if (await isAlive(pid)) process.kill(pid, place.isEphemeral ? 'SIGQUIT' : 'SIGINT');
  const isGone = await waitUntil(async () => (await findRunning(place.dataDir)) === null, STOP_TIMEOUT_MS);
  if (!isGone && (await isAlive(pid))) process.kill(pid, 'SIGQUIT');
  await rm(place.ownerFile, { force: true });
  if (place.isEphemeral) {
    await rm(place.dataDir, { recursive: true, force: true });
    await rm(place.logFile, { force: true });
  }
}

/** An aborted test run must not leave a server behind: `exit` handlers run synchronously, so this is the short form of stopping. */
function stopAtExit(place: Place, pid: number): () => void {
  const onExit = () => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended before us.
    }
    rmSync(place.dataDir, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  return () => process.off('exit', onExit);
}

/**
 * Starts the PostgreSQL that comes with the npm packages, or joins the one that already runs on this data directory, and makes sure
 * that the database `bourse` exists. Throws an Error with a sentence for people when that is not possible.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = await reachableDataDir(resolve(options.dataDir), await postgresUser());
  const isEphemeral = options.isEphemeral ?? false;
  const running = await findRunning(dataDir);
  const port = running?.port ?? options.port;
  const url = `postgres://${SUPERUSER}:${SUPERUSER}@127.0.0.1:${port}/${DATABASE}`;
  const place = { dataDir, port, isEphemeral, url, logFile: `${dataDir}.log`, ownerFile: `${dataDir}.owner` };
  const pid = running?.pid ?? (await start(place));
  const isOurs = running === null || (await adopt(place, running.pid));
  await createDatabase(url.replace(/[^/]*$/, 'postgres'));
  const forget = isEphemeral ? stopAtExit(place, pid) : () => undefined;
  return {
    url,
    stop: async () => {
      forget();
      if (isOurs) await stopServer(place, pid);
    },
  };
}

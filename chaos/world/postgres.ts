import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalogData } from '@bourse/catalog/data';
import { migrate, openDatabase } from '@bourse/db';
import { startEmbeddedPostgres } from '@bourse/db/embedded';
import { Client } from 'pg';
import { replaceOnce, type SqlEdit } from '../hooks/source-edit.ts';
import { until } from './until.ts';

const TEMPLATE = 'chaos_template';

/** Processes that work in the data directory: the postmaster and its children. Zombies do not count, they hold nothing. */
function processesIn(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`) === dataDir &&
          !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
        );
      } catch {
        return false; // it ended meanwhile
      }
    });
}

/** One statement, on a connection of its own. */
export async function query<Row extends object>(url: string, text: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url, application_name: 'bourse-chaos' });
  client.on('error', () => undefined); // a server that is killed under a statement rejects the statement
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A real, durable PostgreSQL whose postmaster may be killed. */
export class ChaosPostgres {
  readonly dataDir: string;
  readonly #port: number;
  #server: Awaited<ReturnType<typeof startEmbeddedPostgres>> | null = null;
  #restarting: Promise<void> | null = null;
  #number = 0;
  /** How often it was found dead and started again. */
  restarts = 0;
  /** Process time when it was last known to be away. */
  lastAwayMs = -1;

  private constructor(dataDir: string, port: number) {
    this.dataDir = dataDir;
    this.#port = port;
    process.on('exit', () => this.#killAll());
  }

  /** Starts a server and prepares the database that others are cloned from. */
  static async start(directory: string, port: number): Promise<ChaosPostgres> {
    const postgres = new ChaosPostgres(join(directory, 'postgres'), port);
    await postgres.#start();
    await query(postgres.url('postgres'), `CREATE DATABASE ${TEMPLATE}`);
    await migrate({ url: postgres.url(TEMPLATE) });
    const db = openDatabase({ url: postgres.url(TEMPLATE), applicationName: 'bourse-chaos' });
    await db.catalog.replaceCatalog(loadCatalogData());
    await db.close();
    return postgres;
  }

  url(database: string): string {
    return `postgres://bourse:bourse@127.0.0.1:${this.#port}/${database}`;
  }

  /** A migrated database with the catalog, its functions edited as a mutant says. Answers its URL. */
  async createDatabase(edits: readonly SqlEdit[] = []): Promise<string> {
    this.#number += 1;
    const name = `chaos_${this.#number}`;
    await query(this.url('postgres'), `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
    for (const functionName of new Set(edits.map((edit) => edit.function))) {
      const rows = await query<{ text: string }>(
        this.url(name),
        'SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE proname = $1',
        [functionName],
      );
      const own = edits.filter((edit) => edit.function === functionName);
      const text = own.reduce((all, edit) => replaceOnce(all, edit, functionName), rows[0]?.text ?? '');
      await query(this.url(name), text);
    }
    return this.url(name);
  }

  /** A database without a schema. */
  async createEmptyDatabase(): Promise<string> {
    this.#number += 1;
    await query(this.url('postgres'), `CREATE DATABASE chaos_${this.#number}`);
    return this.url(`chaos_${this.#number}`);
  }

  async dropDatabase(url: string): Promise<void> {
    await query(this.url('postgres'), `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
  }

  kill(): void {
    const pid = this.#postmaster();
    if (pid !== null) process.kill(pid, 'SIGKILL');
  }

  /** Resolves when it answers; starts it again when somebody killed it. To be called often. */
  async revive(): Promise<void> {
    if (this.#restarting === null && this.#isAlive()) return;
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = null;
    });
    await this.#restarting;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  async #start(): Promise<void> {
    this.#server = await startEmbeddedPostgres({ dataDir: this.dataDir, port: this.#port });
  }

  async #restart(): Promise<void> {
    this.restarts += 1;
    this.lastAwayMs = performance.now();
    // Children notice the death of their postmaster by themselves. While one of them lives, the lock file must stay: two servers on
    // one directory would ruin it.
    await until(
      () => processesIn(this.dataDir).length,
      (count) => count === 0,
      { what: 'the end of PostgreSQL', ms: 20_000 },
    );
    await this.#start();
    this.lastAwayMs = performance.now();
  }

  #postmaster(): number | null {
    try {
      return Number.parseInt(readFileSync(join(this.dataDir, 'postmaster.pid'), 'utf8'), 10);
    } catch {
      return null; // it does not run
    }
  }

  #isAlive(): boolean {
    const pid = this.#postmaster();
    return pid !== null && processesIn(this.dataDir).includes(pid);
  }

  #killAll(): void {
    for (const pid of processesIn(this.dataDir)) process.kill(pid, 'SIGKILL');
  }
}

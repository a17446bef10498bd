import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogData } from '@bourse/catalog/data';
import { ledgerCheck, migrate, openDatabase } from '@bourse/db';
import { startEmbeddedPostgres } from '@bourse/db/embedded';
import { Client } from 'pg';
import { findFreePorts } from '../scripts/start/ports.ts';
import { makeMillionEntries } from './million-entries.ts';
import { readPostgresCpu } from './postgres-cpu.ts';
import { median } from './statistics.ts';

// `pnpm bench:ledger-check`: a database of its own with a million entries, and how long `pnpm ledger:check` takes on it. Machines differ and are busy, so
// a plain sum over all entries is timed beside it, in the same rounds, and PostgreSQL's CPU is counted. Other programs only make a round slower, so
// the fastest one says what the check takes. Exits 1 when that is longer than it may be, or when anything is found.

const ROUNDS = 5;
const SECONDS_MAX = 5;

interface Timing {
  readonly seconds: number;
  /** Of PostgreSQL; NaN where it cannot be read. */
  readonly cpuSeconds: number;
}

async function timed(work: () => Promise<unknown>): Promise<Timing> {
  const cpu = (): number => readPostgresCpu(dataDir) ?? Number.NaN;
  const [startedAt, cpuBefore] = [performance.now(), cpu()];
  await work();
  return { seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (cpu() - cpuBefore) / 1_000_000 };
}

async function prepare(url: string, client: Client): Promise<void> {
  await migrate({ url });
  const db = openDatabase({ url, applicationName: 'bourse-bench', poolMax: 1 });
  await db.catalog.replaceCatalog(loadCatalogData());
  await db.close();
  let entries = 0;
  const { seconds } = await timed(async () => {
    entries = await makeMillionEntries(client);
  });
  console.log(`${entries.toLocaleString('en')} entries, made in ${seconds.toFixed(1)} s`);
}

async function countDifferences(url: string): Promise<number> {
  const broken = (await ledgerCheck({ url, form: 'full' })).filter(({ differences }) => differences > 0);
  for (const { rule, name, examples } of broken) console.log(`${rule} ${name}: ${examples.join('; ')}`);
  return broken.length;
}

async function measure(url: string, client: Client): Promise<boolean> {
  const sums: Timing[] = [];
  const checks: Timing[] = [];
  let broken = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const sum = await timed(() => client.query('SELECT sum(amount_nanodollars) FROM ledger_entry'));
    const check = await timed(async () => {
      broken += await countDifferences(url);
    });
    sums.push(sum);
    checks.push(check);
    const cpu = `${check.cpuSeconds.toFixed(2)} s of CPU`;
    console.log(
      `  round ${round}: check ${check.seconds.toFixed(2)} s (${cpu}), plain sum ${sum.seconds.toFixed(3)} s`,
    );
  }
  const best = Math.min(...checks.map(({ seconds }) => seconds));
  const cpu = median(checks.map(({ cpuSeconds }) => cpuSeconds));
  const sum = Math.min(...sums.map(({ seconds }) => seconds));
  console.log(
    `ledger:check ${best.toFixed(2)} s in the fastest round (may take ${SECONDS_MAX}), ${cpu.toFixed(2)} s of CPU, ` +
      `${(best / sum).toFixed(1)} times a plain sum over the entries (${sum.toFixed(3)} s)`,
  );
  return best <= SECONDS_MAX && broken === 0;
}

const stateDir = mkdtempSync(join(tmpdir(), 'bourse-bench-'));
chmodSync(stateDir, 0o755);
const dataDir = join(stateDir, 'postgres');
const { postgres: port } = await findFreePorts();
const server = await startEmbeddedPostgres({ dataDir, port });
const client = new Client({ connectionString: server.url });
try {
  await client.connect();
  await prepare(server.url, client);
  process.exitCode = (await measure(server.url, client)) ? 0 : 1;
} finally {
  await client.end();
  await server.stop();
  rmSync(stateDir, { recursive: true, force: true });
}

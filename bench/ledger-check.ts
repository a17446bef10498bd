import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogData } from '@bourse/catalog/data';
import { ledgerCheck, migrate, openDatabase } from '@bourse/db';
import { startEmbeddedPostgres } from '@bourse/db/embedded';
import { Client } from 'pg';
import { findFreePorts } from '../scripts/start/ports.ts';
import { makeMillionEntries } from './million-entries.ts';
import { median } from './statistics.ts';

// `pnpm bench:ledger-check`: a database of its own with a million entries, and how long `pnpm ledger:check` takes on it. Machines differ and are busy, so
// a plain sum over all entries is timed beside it, in the same rounds. Exits 1 when the check takes longer than it may, or finds anything.

const ROUNDS = 5;
const SECONDS_MAX = 5;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

async function prepare(url: string, client: Client): Promise<void> {
  await migrate({ url });
  const db = openDatabase({ url, applicationName: 'bourse-bench', poolMax: 1 });
  await db.catalog.replaceCatalog(loadCatalogData());
  await db.close();
  let entries = 0;
  const seconds = await timed(async () => {
    entries = await makeMillionEntries(client);
  });
  console.log(`${entries.toLocaleString('en')} entries, made in ${seconds.toFixed(1)} s`);
}

async function measure(url: string, client: Client): Promise<boolean> {
  const sums: number[] = [];
  const checks: number[] = [];
  let differences = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    sums.push(await timed(() => client.query('SELECT sum(amount_nanodollars) FROM ledger_entry')));
    checks.push(
      await timed(async () => {
        const results = await ledgerCheck({ url, form: 'full' });
        differences = results.reduce((sum, result) => sum + result.differences, 0);
        for (const { rule, name, examples } of results.filter((result) => result.differences > 0))
          console.log(`${rule} ${name}: ${examples.join('; ')}`);
      }),
    );
    console.log(`  round ${round + 1}: check ${checks.at(-1)?.toFixed(2)} s, plain sum ${sums.at(-1)?.toFixed(3)} s`);
  }
  const [check, sum] = [median(checks), median(sums)];
  console.log(
    `ledger:check ${check.toFixed(2)} s (may take ${SECONDS_MAX}), ${(check / sum).toFixed(1)} times a plain sum over the entries`,
  );
  return check <= SECONDS_MAX && differences === 0;
}

const stateDir = mkdtempSync(join(tmpdir(), 'bourse-bench-'));
chmodSync(stateDir, 0o755);
const { postgres: port } = await findFreePorts();
const server = await startEmbeddedPostgres({ dataDir: join(stateDir, 'postgres'), port });
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

import { Client } from 'pg';
import type { CheckResult, ReconciliationForm } from '../contract/operations.ts';
import { databaseError } from '../database-error.ts';
import { bookScans } from './checks/book-scans.ts';
import { priceScan } from './checks/price-scan.ts';
import { type PromiseKey, promises, type Scan } from './checks/promises.ts';
import { upkeepScans } from './checks/upkeep-scans.ts';

/** What one scan found about one promise. */
interface Finding {
  readonly promise: PromiseKey;
  readonly differences: number;
  readonly examples: readonly string[];
}

/** What to look at. */
export interface LedgerCheckOptions {
  readonly url: string;
  /** `light`, the default, looks at the books alone; `full` also at what they were made of: receipts (R8) and invoices (R7). */
  readonly form?: ReconciliationForm;
}

const EXAMPLES_MAX = 5;
/** Two heavy scans at a time keep two cores busy with their own workers; the third is for the small ones. */
const CONNECTIONS = 3;

/** The heavy ones first, so that they run beside one another. */
const scans: readonly Scan[] = [priceScan, ...bookScans, ...upkeepScans];

const beyondTheBooks: ReadonlySet<PromiseKey> = new Set<PromiseKey>(['prices', 'sheets', 'invoices']);

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'bourse-ledger-check' });
  // A connection that breaks fails the query that runs on it; unhandled it would end the process as well.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A transaction that only reads, on the moment of `snapshot` or one of its own; memory for joins by sets, no compilation. */
async function begin(client: Client, snapshot: string | null): Promise<void> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  if (snapshot !== null) await client.query(`SET TRANSACTION SNAPSHOT '${snapshot.replaceAll("'", '')}'`);
  await client.query(`SET LOCAL work_mem = '128MB'; SET LOCAL jit = off`);
}

async function run(client: Client, { sql, isInOrder = false }: Scan): Promise<readonly Finding[]> {
  await client.query(`SET LOCAL enable_hashagg = ${isInOrder ? 'off' : 'on'}`);
  const { rows } = await client.query<Finding>(
    `WITH broken (promise, example) AS (${sql})
     SELECT promise, count(*)::integer AS differences, array_agg(example) FILTER (WHERE place <= ${EXAMPLES_MAX}) AS examples
       FROM (SELECT promise, example, row_number() OVER (PARTITION BY promise) AS place FROM broken) b GROUP BY 1`,
  );
  return rows;
}

/** Takes scans from the common list until none is left. */
async function work(client: Client, queue: Scan[]): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (let scan = queue.shift(); scan !== undefined; scan = queue.shift()) found.push(...(await run(client, scan)));
  return found;
}

async function hasInvoices(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ has: boolean }>('SELECT EXISTS (SELECT 1 FROM provider_invoice) AS has');
  return rows[0]?.has === true;
}

function resultOf(key: PromiseKey, findings: readonly Finding[], isConfigured: boolean): CheckResult {
  const own = findings.filter(({ promise }) => promise === key);
  return {
    ...promises[key],
    differences: own.reduce((sum, { differences }) => sum + differences, 0),
    examples: own.flatMap(({ examples }) => examples).slice(0, EXAMPLES_MAX),
    isConfigured,
  };
}

async function check(clients: readonly Client[], options: LedgerCheckOptions): Promise<readonly CheckResult[]> {
  const isLooked = (key: PromiseKey): boolean => options.form === 'full' || !beyondTheBooks.has(key);
  const [leader, ...others] = clients;
  if (leader === undefined) throw new Error('a check needs a connection');
  await begin(leader, null);
  const { rows } = await leader.query<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot');
  await Promise.all(others.map((client) => begin(client, rows[0]?.snapshot ?? null)));
  const queue = scans.filter(({ about }) => about.some(isLooked));
  const findings = (await Promise.all(clients.map((client) => work(client, queue)))).flat();
  const isInvoiced = await hasInvoices(leader);
  await Promise.all(clients.map((client) => client.query('COMMIT')));
  const keys = Object.keys(promises) as PromiseKey[]; // the keys of a constant
  return keys.filter(isLooked).map((key) => resultOf(key, findings, key !== 'invoices' || isInvoiced));
}

/**
 * Recomputes everything that the books derive from the entries, holds and generations, and looks at what should have happened by now. Reads
 * only, on several connections that share one moment of the database; some seconds for a million entries. Throws
 * AppError('service_unavailable') when the database cannot be reached.
 */
export async function ledgerCheck(options: LedgerCheckOptions): Promise<readonly CheckResult[]> {
  const connecting = await Promise.allSettled(Array.from({ length: CONNECTIONS }, () => connect(options.url)));
  const clients = connecting.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    const refused = connecting.find((each) => each.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
    return await check(clients, options);
  } catch (error) {
    throw databaseError(error);
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
}

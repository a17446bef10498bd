import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ledgerCheck } from '@bourse/db';
import { endpointsById, expectedCharge } from './oracle.ts';
import type { Delivery } from './world/client.ts';
import type { Tenant } from './world/tenants.ts';
import type { World } from './world/world.ts';

/** What a run has to answer for, after everything came to rest. */
export interface Evidence {
  readonly deliveries: readonly Delivery[];
  readonly tenants: readonly Tenant[];
}

/** Numbers of a run, and every promise that it broke. */
export interface Verdict {
  readonly delivered: number;
  readonly charged: number;
  /** Charges that landed after their hold or lease was gone. */
  readonly late: number;
  /** Of those, the ones that the credits no longer covered: the house paid the rest. */
  readonly clamped: number;
  readonly duplicatesAnswered: number;
  readonly lost: number;
  readonly doubled: number;
  /** A sentence each, with the name of the promise before the colon. Empty = the run is good. */
  readonly differences: readonly string[];
}

interface Row {
  readonly id: string;
  readonly charge: bigint;
  readonly upstream_id: string | null;
  readonly endpoint_id: string;
  readonly organization_id: string;
  readonly api_key_id: string;
  readonly flags: readonly string[];
}

interface Served {
  readonly upstreamId: string;
  readonly nonce: string;
}

async function rowsOf(world: World): Promise<readonly Row[]> {
  const rows = await world.sql<Omit<Row, 'charge'> & { charge: string }>(
    'SELECT id, charge_nanodollars AS charge, upstream_id, endpoint_id, organization_id, api_key_id, flags FROM generation',
  );
  return rows.map((row) => ({ ...row, charge: BigInt(row.charge) }));
}

async function servedBy(world: World): Promise<readonly Served[]> {
  const answer: unknown = await (await fetch(`${world.upstreamUrl}/served`)).json();
  return Array.isArray(answer) ? answer : [];
}

const isLate = ({ flags }: Row): boolean => flags.includes('late') || flags.includes('no_hold');
const isClamped = ({ flags }: Row): boolean => flags.includes('clamped');

/** What is wrong with the charge of a whole answer; null when nothing is. */
function judgeDelivery(delivery: Delivery, row: Row | undefined, isRich: boolean): string | null {
  if (row === undefined) return `lost: ${delivery.generationId} was delivered and is not in the books`;
  if (row.charge === delivery.told) return null;
  // A charge that comes when its credit was given to others takes what there is; nobody else can be asked for the rest.
  if (row.charge < delivery.told && isClamped(row) && isLate(row) && !isRich) return null;
  return `lost: ${row.id} was told ${delivery.told} and charged ${row.charge} (${row.flags.join(',')})`;
}

function judgeDeliveries(evidence: Evidence, rows: ReadonlyMap<string, Row>): string[] {
  return evidence.deliveries.flatMap(
    (delivery) => judgeDelivery(delivery, rows.get(delivery.generationId), delivery.ask.tenant.isRich) ?? [],
  );
}

/** Prices, told and charged, against the second computation; charges of what was not delivered against the price of the whole. */
async function judgePrices(
  world: World,
  evidence: Evidence,
  found: { rows: readonly Row[]; served: readonly Served[] },
): Promise<string[]> {
  const endpoints = endpointsById(await world.db.catalog.loadSnapshot());
  const nonces = new Map(found.served.map(({ upstreamId, nonce }) => [upstreamId, nonce]));
  const told = new Map(evidence.deliveries.map((delivery) => [delivery.generationId, delivery]));
  return found.rows.flatMap((row) => {
    const nonce = nonces.get(row.upstream_id ?? '');
    const endpoint = endpoints.get(row.endpoint_id);
    if (nonce === undefined || endpoint === undefined)
      return row.charge === 0n
        ? []
        : [`unserved: ${row.id} was charged ${row.charge} and its provider never served it`];
    const price = expectedCharge(endpoint, nonce);
    const delivery = told.get(row.id);
    if (delivery !== undefined && delivery.told !== price)
      return [`price: ${row.id} was told ${delivery.told} and costs ${price}`];
    return row.charge > price ? [`price: ${row.id} was charged ${row.charge} and costs ${price} at most`] : [];
  });
}

/** One generation of a provider, one request of a client: at most one charge each. */
function judgeDoubles(rows: readonly Row[], served: readonly Served[]): string[] {
  const nonces = new Map(served.map(({ upstreamId, nonce }) => [upstreamId, nonce]));
  const seen = new Map<string, string>();
  const differences: string[] = [];
  for (const row of rows.filter(({ charge }) => charge > 0n)) {
    for (const name of new Set([
      `generation ${row.upstream_id}`,
      `request ${nonces.get(row.upstream_id ?? '') ?? row.id}`,
    ])) {
      const other = seen.get(name);
      if (other !== undefined) differences.push(`doubled: ${name} was charged by ${other} and ${row.id}`);
      seen.set(name, row.id);
    }
  }
  return differences;
}

/** The ledger itself: more than one usage transaction for one generation, or entry of it on one account of a customer. */
async function judgeEntries(world: World): Promise<string[]> {
  const rows = await world.sql<{ reference: string; count: number }>(
    `SELECT t.reference, count(*)::integer AS count FROM ledger_transaction t JOIN ledger_entry e ON e.transaction_id = t.id
      WHERE t.kind = 'usage' AND e.account_id LIKE 'org:%' GROUP BY 1
     HAVING count(DISTINCT t.id) > 1 OR count(*) > count(DISTINCT e.account_id)`,
  );
  return rows.map(({ reference, count }) => `doubled: ${reference} has ${count} charges in the ledger`);
}

async function judgeLedger(world: World): Promise<string[]> {
  const checks = await ledgerCheck({ url: world.url });
  return checks
    .filter(({ differences }) => differences > 0)
    .map(({ name, differences, examples }) => `ledger: ${name}: ${differences}, e.g. ${examples[0]}`);
}

async function judgeBalances(world: World): Promise<string[]> {
  const rows = await world.sql<{ id: string; posted: string; held: string }>(
    `SELECT id, posted_nanodollars AS posted, held_nanodollars AS held FROM ledger_account
      WHERE organization_id IS NOT NULL AND (posted_nanodollars < 0 OR posted_nanodollars - held_nanodollars < 0)`,
  );
  return rows.map(({ id, posted, held }) => `floor: ${id} has ${posted} posted and ${held} held`);
}

/** Used stays within the limit, but for charges that came when the credit of their hold was gone. */
async function judgeWindows(world: World, tenants: readonly Tenant[], rows: readonly Row[]): Promise<string[]> {
  const windows = await world.sql<{ api_key_id: string; used: string }>(
    'SELECT api_key_id, max(used_nanodollars + held_nanodollars) AS used FROM key_window GROUP BY 1',
  );
  const used = new Map(windows.map((row) => [row.api_key_id, BigInt(row.used)]));
  return tenants.flatMap((tenant) =>
    tenant.keys.flatMap(({ id, limit }) => {
      const late = rows
        .filter((row) => row.api_key_id === id && isLate(row))
        .reduce((sum, row) => sum + row.charge, 0n);
      const own = used.get(id) ?? 0n;
      return limit !== null && own > limit + late
        ? [`window: key ${id} of ${tenant.name} used ${own} of ${limit}`]
        : [];
    }),
  );
}

async function judgeOpen(world: World): Promise<string[]> {
  const rows = await world.sql<{ id: string }>(
    "SELECT 'hold ' || id AS id FROM hold WHERE state = 'held' UNION ALL SELECT 'lease ' || id FROM lease WHERE state = 'open'",
  );
  return rows.map(({ id }) => `open: ${id} outlived its gateway`);
}

function judgeSpools(world: World): string[] {
  return world.spoolRoots
    .filter((root) => existsSync(root))
    .flatMap((root) => readdirSync(root).map((name) => `spool: ${root}/${name} was left behind`));
}

/** What a program says when a thing happened that must never happen. */
const ALARMS = ['money.charge_refused', 'gateway.fatal', 'worker.fatal', 'spool.strange_record', 'invariant'];

function judgeLogs(world: World): string[] {
  return [...new Set(world.programs.map(({ logFile }) => logFile))].flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return ALARMS.filter((alarm) => text.includes(alarm)).map((alarm) => `alarm: ${alarm} in ${file}`);
  });
}

/** Judges a world at rest: no program runs any more. */
export async function judge(world: World, evidence: Evidence): Promise<Verdict> {
  const [rows, served] = [await rowsOf(world), await servedBy(world)];
  const lost = judgeDeliveries(evidence, new Map(rows.map((row) => [row.id, row])));
  const doubled = [...judgeDoubles(rows, served), ...(await judgeEntries(world))];
  const charged = rows.filter(({ charge }) => charge > 0n).length;
  return {
    delivered: evidence.deliveries.filter(({ isReplay }) => !isReplay).length,
    charged,
    late: rows.filter(isLate).length,
    clamped: rows.filter(isClamped).length,
    duplicatesAnswered: evidence.deliveries.filter(({ isReplay }) => isReplay).length,
    lost: lost.length,
    doubled: doubled.length,
    differences: [
      ...lost,
      ...doubled,
      ...(await judgePrices(world, evidence, { rows, served })),
      ...(await judgeLedger(world)),
      ...(await judgeBalances(world)),
      ...(await judgeWindows(world, evidence.tenants, rows)),
      ...(await judgeOpen(world)),
      ...judgeSpools(world),
      ...judgeLogs(world),
      ...(charged > served.length ? [`unserved: ${charged} charges, ${served.length} generations served`] : []),
    ],
  };
}

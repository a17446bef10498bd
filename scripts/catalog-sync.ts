import { userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type CatalogProposal, type Database, openDatabase } from '@bourse/db';
import { approve, type Decided, reject } from './catalog/review.ts';
import { latestSources } from './catalog/sources/latest.ts';
import { type SyncReport, syncCatalog } from './catalog/sync.ts';
import { installedSources } from './catalog/write-catalog.ts';
import { rootDir } from './run/root-dir.ts';
import { readVariables } from './start/environment.ts';
import { readStateFile } from './start/state-file.ts';

const USAGE = `Usage: pnpm catalog:sync [--latest] [--dry-run] [--json]      compares the sources with the live catalog and changes it
       pnpm catalog:sync review [--json]                      lists what waits for a person
       pnpm catalog:sync approve|reject <id>... [--note "..."]  decides; "approve all" takes everything that waits
Ends with 0: done, or nothing to do; 1: failed; 2: used wrongly; 3: something waits for a person; 4: the sources were refused, nothing changed.`;

/** How a sync ends, by its outcome (docs/CATALOG.md). */
const EXIT_CODES: Readonly<Record<SyncReport['outcome'], number>> = { unchanged: 0, applied: 0, held: 3, refused: 4 };

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    latest: { type: 'boolean', default: false },
    'dry-run': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    note: { type: 'string' },
    actor: { type: 'string' },
  },
});

/** The database of DATABASE_URL, else the one that `npm start` wrote down. */
function databaseUrl(): string {
  const variables = readVariables(rootDir, process.env);
  const stateDir = variables['BOURSE_STATE_DIR'] ?? join(rootDir, '.bourse');
  const url = variables['DATABASE_URL'] ?? readStateFile(join(stateDir, 'dev.json'))['databaseUrl'];
  if (typeof url === 'string' && url !== '') return url;
  throw new Error('Set DATABASE_URL, or run npm start first: there is no catalog to compare with.');
}

function print({ outcome, source, applied, held, problem }: SyncReport): void {
  for (const { summary } of applied) console.log(`  ${flags['dry-run'] ? 'would apply' : 'applied'}: ${summary}`);
  for (const { summary, reasons } of held) console.log(`  waits: ${summary}: ${reasons.join('; ')}`);
  if (problem !== null) console.error(`  the sources make no sense, and the catalog stays as it was: ${problem}`);
  console.log(`${outcome}: ${applied.length} applied, ${held.length} waiting (${source})`);
}

async function sync(db: Database): Promise<number> {
  const load = flags.latest ? () => latestSources(new Date()) : installedSources;
  const report = await syncCatalog(db, load, { isDryRun: flags['dry-run'] });
  if (flags.json) console.log(JSON.stringify(report, null, 2));
  else print(report);
  return EXIT_CODES[report.outcome];
}

async function review(db: Database): Promise<number> {
  const waiting = await db.catalogProposals.list({ status: 'pending' });
  const shown = ({ id, createdAt, source, summary, reasons }: CatalogProposal) =>
    `${id}  ${summary}\n   ${reasons.join('\n   ')}\n   since ${createdAt.toISOString()} by ${source}`;
  if (flags.json) console.log(JSON.stringify(waiting, null, 2));
  else console.log(waiting.length === 0 ? 'Nothing waits.' : waiting.map(shown).join('\n'));
  return waiting.length === 0 ? 0 : 3;
}

async function decide(db: Database, verb: 'approve' | 'reject', words: readonly string[]): Promise<number> {
  const waiting = await db.catalogProposals.list({ status: 'pending' });
  const ids = words.length === 1 && words[0] === 'all' ? waiting.map(({ id }) => id) : words.map(Number);
  if (ids.length === 0 || !ids.every((id) => Number.isSafeInteger(id) && id > 0)) return usage();
  const decision = { actor: flags.actor ?? `cli:${userInfo().username}`, note: flags.note ?? null };
  let code = 0;
  for (const id of ids) {
    const decided: Decided = await (verb === 'approve' ? approve : reject)(db, { id, ...decision });
    if (decided === 'done') console.log(`${id} is ${verb === 'approve' ? 'approved, and live' : 'rejected'}.`);
    else {
      console.error(`${id} does not wait for a decision.`);
      code = 1;
    }
  }
  return code;
}

function usage(): number {
  console.error(USAGE);
  return 2;
}

async function main(): Promise<number> {
  const [verb, ...rest] = positionals;
  const isKnown = verb === undefined || ['review', 'approve', 'reject'].includes(verb);
  if (!isKnown || (rest.length > 0 && (verb === undefined || verb === 'review'))) return usage();
  const db = openDatabase({ url: databaseUrl(), applicationName: 'bourse-catalog-sync', poolMax: 3 });
  try {
    if (verb === undefined) return await sync(db);
    return verb === 'approve' || verb === 'reject' ? await decide(db, verb, rest) : await review(db);
  } finally {
    await db.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : error);
  process.exitCode = 1;
}

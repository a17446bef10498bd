import { createHash } from 'node:crypto';
import {
  applyEdits,
  buildSnapshot,
  type CatalogData,
  compareCatalogs,
  type Doubts,
  type JudgedEdit,
  withNewerReadings,
  writeEdit,
} from '@bourse/catalog';
import { parseCatalogFiles } from '@bourse/catalog/data';
import type { Database, SyncOutcome } from '@bourse/db';
import type { Sources } from './sources/sources.ts';
import { catalogFrom } from './write-catalog.ts';

/** What a sync did, or would do. */
export interface SyncReport {
  readonly outcome: SyncOutcome;
  /** The packages and versions. */
  readonly source: string;
  readonly applied: readonly Omit<JudgedEdit, 'edit' | 'reasons'>[];
  readonly held: readonly Omit<JudgedEdit, 'edit'>[];
  /** Why the sources were refused: the catalog stays as it was. */
  readonly problem: string | null;
}

/** The same for the same change, whichever release it comes with: days, ids and addresses of price lists are left out. */
export function fingerprintOf({ edit }: JudgedEdit): string {
  const written = JSON.stringify(writeEdit(edit), (key, value: unknown) =>
    ['sourceUrl', 'checkedOn', 'effectiveFrom'].includes(key) || (key === 'id' && isSheetId(value)) ? undefined : value,
  );
  return createHash('sha256').update(written).digest('hex');
}

/** `<endpoint>/<day>`, with a mark where there are several. */
function isSheetId(value: unknown): boolean {
  return typeof value === 'string' && /@.+\/\d{4}-\d\d-\d\d/.test(value);
}

/** What the sources say now, and what is not believed of it. */
interface Wanted {
  readonly catalog: CatalogData;
  readonly doubted: Doubts;
}

/** Throws for whatever makes no sense in the sources, however deep. */
function wantedFrom(sources: Sources): Wanted {
  const { files, extracted } = catalogFrom(sources, { isAccepted: true, dropsUnknown: true });
  const catalog = parseCatalogFiles(files);
  buildSnapshot(catalog, 'wanted');
  return { catalog, doubted: new Map(extracted.held.map(({ endpoint, why }) => [endpoint, why])) };
}

function compare(live: CatalogData, { catalog, doubted }: Wanted): readonly JudgedEdit[] {
  return compareCatalogs(live, catalog, doubted);
}

function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

interface Divided {
  readonly ready: readonly JudgedEdit[];
  readonly held: readonly JudgedEdit[];
}

/** What may go live: what no guard held, and what a person has approved before. */
function divide(edits: readonly JudgedEdit[], approved: ReadonlySet<string>): Divided {
  const isReady = (each: JudgedEdit) => each.reasons.length === 0 || approved.has(fingerprintOf(each));
  return { ready: edits.filter(isReady), held: edits.filter((each) => !isReady(each)) };
}

async function approvedOf(db: Database, live: CatalogData, wanted: Wanted): Promise<ReadonlySet<string>> {
  const held = compare(live, wanted).filter(({ reasons }) => reasons.length > 0);
  return db.catalogProposals.approvedAmong(held.map(fingerprintOf));
}

/** Within the catalog's lock: what is compared is what is changed, whoever else is at it. */
async function apply(db: Database, wanted: Wanted, source: string): Promise<Divided> {
  const approved = await approvedOf(db, await db.catalog.readContents(), wanted);
  let divided: Divided = { ready: [], held: [] };
  await db.catalog.editCatalog(
    (live) => {
      divided = divide(compare(live, wanted), approved);
      const edits = divided.ready.map(({ edit }) => edit);
      return withNewerReadings(applyEdits(live, edits), wanted.catalog);
    },
    { origin: 'sync', actor: source },
  );
  return divided;
}

function report(source: string, { ready, held }: Divided): SyncReport {
  const outcome = held.length > 0 ? 'held' : ready.length > 0 ? 'applied' : 'unchanged';
  const applied = ready.map(({ subject, summary }) => ({ subject, summary }));
  const waiting = held.map(({ subject, summary, reasons }) => ({ subject, summary, reasons }));
  return { outcome, source, applied, held: waiting, problem: null };
}

/**
 * Brings the live catalog to what the sources say, as far as no guard holds it; the rest becomes proposals for a person. Sources that cannot be read, or make no
 * sense, change nothing: the run is recorded as refused. Any number may run at once, and a second run with the same sources finds nothing to do. A dry run
 * writes nothing. Rejects when the database cannot be asked.
 */
export async function syncCatalog(
  db: Database,
  load: () => Sources | Promise<Sources>,
  options: { readonly isDryRun: boolean },
): Promise<SyncReport> {
  let source = 'unread';
  let wanted: Wanted;
  try {
    const sources = await load();
    source = `${sources.genai.package} ${sources.piVersion.package}`;
    wanted = wantedFrom(sources);
  } catch (error) {
    const problem = described(error);
    const refused = { outcome: 'refused', source, applied: [], held: [], problem } as const;
    if (!options.isDryRun)
      await db.catalogProposals.recordSync({ source, outcome: 'refused', applied: 0, held: 0, problem });
    return refused;
  }
  if (options.isDryRun) {
    const live = await db.catalog.readContents();
    return report(source, divide(compare(live, wanted), await approvedOf(db, live, wanted)));
  }
  const divided = await apply(db, wanted, source);
  await db.catalogProposals.replacePending({
    source,
    proposals: divided.held.map((each) => ({
      fingerprint: fingerprintOf(each),
      subject: each.subject,
      summary: each.summary,
      reasons: each.reasons,
      change: writeEdit(each.edit),
    })),
  });
  const done = report(source, divided);
  const counts = { applied: done.applied.length, held: done.held.length };
  await db.catalogProposals.recordSync({ source, outcome: done.outcome, ...counts, problem: null });
  return done;
}

import { type Database, openDatabase } from '@bourse/db';
import { organizationShapes } from './market-shape.ts';
import { type PlannedGeneration, planHistory } from './plan-history.ts';
import { type DemoOrganization, writeHistory } from './write-history.ts';

/** How to back-date a history. */
export interface HistoryRun {
  readonly databaseUrl: string;
  readonly days: number;
  /** About how many generations. */
  readonly count: number;
  readonly markupBpsDefault: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A demo organization as it was found or made. Its key is disabled once its history is complete: that is the mark of completion. */
interface FoundOrganization extends DemoOrganization {
  readonly createdAt: Date;
  readonly isComplete: boolean;
}

const SEED = 'bourse-demo-market';
const KEY_NAME = 'Demo history';
const DAY_MS = 86_400_000;
const PROGRESS_EVERY = 1_000;

async function findOrganization(db: Database, shape: (typeof organizationShapes)[number]): Promise<FoundOrganization> {
  const user = await db.identity.createUser({
    email: `${shape.key}@demo-market.example`,
    name: shape.name,
    isDemo: true,
  });
  const [organization] = await db.organizations.forUser(user.id);
  if (organization === undefined) throw new Error(`${user.email} has no organization.`);
  const organizationId = organization.id;
  const keys = await db.keys.list(organizationId);
  const key =
    keys.find(({ name }) => name === KEY_NAME) ??
    (await db.keys.create({ organizationId, createdByUserId: user.id, kind: 'inference', name: KEY_NAME })).record;
  return {
    organizationId,
    apiKeyId: key.id,
    createdAt: organization.createdAt,
    isComplete: key.disabledAt !== null,
  };
}

function summarize(plan: readonly PlannedGeneration[], seconds: number): string {
  const tokens = plan.reduce(
    (sum, { usage }) =>
      sum + Object.entries(usage).reduce((all, [meter, count]) => all + (meter === 'request' ? 0 : count), 0),
    0,
  );
  const models = new Set(plan.map(({ endpoint }) => endpoint.modelSlug)).size;
  return `${plan.length.toLocaleString('en-US')} generations of ${models} models with ${(tokens / 1e9).toFixed(1)} billion tokens in ${seconds.toFixed(1)} s.`;
}

async function rebuildRollups(db: Database, plan: readonly PlannedGeneration[]): Promise<number> {
  const [first] = plan;
  const last = plan.at(-1);
  if (first === undefined || last === undefined) return 0;
  const to = new Date(last.createdAt.getTime() + DAY_MS);
  return (await db.rankings.rebuildRollups({ from: first.createdAt, to })).hours;
}

async function makeWith(db: Database, run: HistoryRun): Promise<void> {
  const startedAtMs = run.now();
  const organizations = await Promise.all(organizationShapes.map((shape) => findOrganization(db, shape)));
  if (organizations.every(({ isComplete }) => isComplete)) {
    run.print('The demo market has its history already.');
    return;
  }
  // The first of them is as old as the first run: a run that completes another one makes the same plan.
  const until = new Date(Math.min(...organizations.map(({ createdAt }) => createdAt.getTime())));
  const snapshot = await db.catalog.loadSnapshot();
  const plan = planHistory({ snapshot, until, days: run.days, count: run.count, seed: SEED });
  await writeHistory({
    db,
    plan,
    organizations,
    markupBpsDefault: run.markupBpsDefault,
    signal: run.signal,
    onProgress: (written) => {
      if (written % PROGRESS_EVERY === 0) run.print(`  ${written} of ${plan.length} generations`);
    },
  });
  const hours = await rebuildRollups(db, plan);
  run.print(`  ${hours} hours rolled up`);
  for (const { organizationId, apiKeyId } of organizations) {
    await db.keys.update({ id: apiKeyId, organizationId }, { isDisabled: true });
  }
  run.print(summarize(plan, (run.now() - startedAtMs) / 1_000));
}

/** Back-dates the history of a demo market. Does nothing when it is there already; completes one that was stopped. */
export async function makeHistory(run: HistoryRun): Promise<void> {
  const db = openDatabase({ url: run.databaseUrl, applicationName: 'bourse-demo-traffic' });
  try {
    await makeWith(db, run);
  } finally {
    await db.close();
  }
}

import type { Database } from '@bourse/db';
import { type Nanodollars, nanodollars, nanodollarsFromUsd } from '@bourse/money';
import { chargeOf, recordOf } from './history-record.ts';
import { inParallel } from './in-parallel.ts';
import type { AppShape } from './market-shape.ts';
import { organizationShapes } from './market-shape.ts';
import type { PlannedGeneration } from './plan-history.ts';

/** An organization that sends demo traffic, with the key it uses. */
export interface DemoOrganization {
  readonly organizationId: string;
  readonly apiKeyId: string;
}

export interface WriteOptions {
  readonly db: Database;
  readonly plan: readonly PlannedGeneration[];
  /** In the order of `organizationShapes`. */
  readonly organizations: readonly DemoOrganization[];
  readonly markupBpsDefault: number;
  readonly onProgress: (written: number) => void;
  /** Ends the run after the calls that are on. */
  readonly signal: AbortSignal;
}

/** Enough calls in flight that the ledger's batches are full. */
const WIDTH = 96;
const HOLD_TTL_MS = 600_000;
const GATEWAY_ID = 'demo-traffic';
const DOLLAR = nanodollarsFromUsd('1');

function isCharged({ end }: PlannedGeneration): boolean {
  return end !== 'upstream_error';
}

/**
 * Every organization is given, once, what its history will cost and a quarter more, in whole dollars. The amount is part of the key: a run
 * that completes another one under new prices needs another amount, and may have it.
 */
async function grantCredits({ db, plan, organizations, markupBpsDefault }: WriteOptions): Promise<void> {
  const needed = organizations.map(() => 0n);
  for (const planned of plan) {
    needed[planned.organization] = (needed[planned.organization] ?? 0n) + chargeOf(planned, markupBpsDefault).charge;
  }
  await inParallel(
    organizations.map((organization, at) => ({ organization, amount: needed[at] ?? 0n })),
    organizations.length,
    async ({ organization: { organizationId }, amount: cost }) => {
      const amount = nanodollars(((cost * 5n) / 4n / DOLLAR + 10n) * DOLLAR);
      await db.ledger.grant({
        idempotencyKey: `demo-history:${organizationId}:${amount}`,
        organizationId,
        amount,
        reference: 'Credits of the demo market',
        actor: 'demo-traffic',
      });
    },
  );
}

async function resolveApps({ db, plan }: WriteOptions): Promise<ReadonlyMap<AppShape, number>> {
  const ids = new Map<AppShape, number>();
  const used = [...new Set(plan.flatMap(({ app }) => (app === null ? [] : [app])))];
  await inParallel(used, 4, async (app) => {
    const { id } = await db.apps.resolve({ url: app.url, title: app.title, isDemo: true });
    ids.set(app, id);
  });
  return ids;
}

async function reserve(
  db: Database,
  hold: DemoOrganization & { generationId: string; amount: Nanodollars },
): Promise<void> {
  const reserved = await db.ledger.reserve({ ...hold, ttlMs: HOLD_TTL_MS, gatewayId: GATEWAY_ID });
  // `duplicate`: an earlier run came this far and was stopped.
  if (reserved.kind !== 'held' && reserved.kind !== 'duplicate') {
    throw new Error(`The demo market could not reserve ${hold.amount} nanodollars: ${reserved.kind}.`);
  }
}

/**
 * Takes every planned generation through the ledger as a gateway would: reserve, then settle or release with its record. Each call is
 * idempotent by the generation's id, so a run that was stopped half-way is completed by the next.
 */
export async function writeHistory(options: WriteOptions): Promise<void> {
  const { db, plan, organizations, markupBpsDefault, onProgress, signal } = options;
  await grantCredits(options);
  const appIds = await resolveApps(options);
  let written = 0;
  await inParallel(plan, WIDTH, async (planned) => {
    signal.throwIfAborted();
    const organization = organizations[planned.organization];
    if (organization === undefined) throw new Error(`There are only ${organizationShapes.length} demo organizations.`);
    const charge = chargeOf(planned, markupBpsDefault);
    const appId = planned.app === null ? null : (appIds.get(planned.app) ?? null);
    const record = recordOf(planned, { ...organization, appId }, charge);
    await reserve(db, { ...organization, generationId: planned.id, amount: charge.charge });
    if (isCharged(planned)) {
      const { providerSlug } = planned.endpoint;
      await db.ledger.settle({ charge: charge.charge, cost: charge.cost, providerSlug, record });
    } else {
      await db.ledger.release({ generationId: planned.id, organizationId: organization.organizationId, record });
    }
    written += 1;
    onProgress(written);
  });
}

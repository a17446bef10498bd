import type { BenchMarket } from './bench-market.ts';
import type { Till } from './measure.ts';

const SETTLE_TIMEOUT_MS = 120_000;

const UNDER_WAY = /^bourse_(spool_pending|lease_reserved_usd|open_generations)\{?[^ ]* (.*)$/gm;

/** Waits until no request runs and every charge is in the database. */
async function untilAtRest({ db, bourse }: BenchMarket): Promise<void> {
  const deadline = performance.now() + SETTLE_TIMEOUT_MS;
  for (;;) {
    const metrics = await (await fetch(`${bourse.url}/metrics`)).text();
    const gauges = [...metrics.matchAll(UNDER_WAY)].map(([, name, value]) => ({ name, value: Number(value) }));
    const { count } = await db.ledger.openHolds();
    if (gauges.length === 3 && gauges.every(({ value }) => value === 0) && count === 0) return;
    if (performance.now() > deadline)
      throw new Error(`Not at rest after ${SETTLE_TIMEOUT_MS / 1_000} s: ${count} holds, ${JSON.stringify(gauges)}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Throws unless the credits fell by exactly what the answers said they cost. */
export async function assertAnswersMatchBooks(market: BenchMarket, till: Till): Promise<void> {
  await untilAtRest(market);
  const { totalUsage } = await market.db.ledger.totals(market.organizationId);
  if (totalUsage !== till.sum) {
    throw new Error(`The answers cost ${till.sum} nanodollars, and the credits fell by ${totalUsage}.`);
  }
}

/** Throws unless the generations' charges add up to the fall of the credits, also for streams that nobody read to the end. */
export async function assertRecordsMatchBooks(market: BenchMarket): Promise<void> {
  await untilAtRest(market);
  const { organizationId } = market;
  const [{ totalUsage }, summary] = await Promise.all([
    market.db.ledger.totals(organizationId),
    market.db.generations.summary({ organizationId }),
  ]);
  if (totalUsage !== summary.charge) {
    throw new Error(
      `The generations were charged ${summary.charge} nanodollars, and the credits fell by ${totalUsage}.`,
    );
  }
}

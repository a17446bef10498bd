import { computeCharge } from '@bourse/billing';
import type { Endpoint } from '@bourse/catalog';
import type { AttemptLoss } from '@bourse/db';
import type { Prompt } from '@bourse/generation';
import { nanodollars } from '@bourse/money';
import type { AttemptLog } from './attempt-failure.ts';
import { roughUsage } from './estimate-usage.ts';
import { NO_OUTPUT } from './output-sample.ts';

/** A provider that refused has done no work. One that answered badly, or that we stopped waiting for, has read the prompt at least. */
export function mayBeBilled({ status, outcome }: Pick<AttemptLog, 'status' | 'outcome'>): boolean {
  return status === 200 || outcome === 'timeout';
}

/**
 * The log of a failed attempt that another one follows, with what its provider may bill us for it: the prompt, by its size. The customer
 * pays nothing of it; the ledger books it as our loss.
 */
export function withLoss(
  failed: AttemptLog,
  { prices }: Pick<Endpoint, 'prices'>,
  prompt: Pick<Prompt, 'inputBytes' | 'ownCount'>,
): AttemptLog {
  if (!mayBeBilled(failed)) return failed;
  const usage = { ...roughUsage(prompt, NO_OUTPUT).usage, request: 1 };
  const { cost } = computeCharge({ sheet: prices, usage, markupBps: 0 });
  return cost === 0n ? failed : { ...failed, costNanodollars: cost.toString() };
}

/** The losses that attempts brought, for the books. */
export function lossesOf(attempts: readonly AttemptLog[]): readonly AttemptLoss[] {
  return attempts.flatMap(({ providerSlug, costNanodollars }) =>
    costNanodollars === undefined ? [] : [{ providerSlug, cost: nanodollars(BigInt(costNanodollars)) }],
  );
}

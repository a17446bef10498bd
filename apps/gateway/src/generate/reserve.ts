import { type Fit, fitToBudget } from '@bourse/billing';
import type { ReserveResult } from '@bourse/db';
import { AppError, assertNever } from '@bourse/errors';
import type { Prompt } from '@bourse/generation';
import { type Nanodollars, nanodollars, nanodollarsFromUsd } from '@bourse/money';
import type { LeaseSlice } from '../books/credit-leases.ts';
import type { Deps } from '../deps.ts';
import type { Allowance, SpendLimit } from './affordability.ts';
import type { Caller } from './authenticate.ts';
import type { RoutedPlan } from './plan.ts';
import { ceilingTooLow, limitTooLow, tooPoor } from './refusals.ts';

/** Money set aside for a generation, and what it may be spent on. */
export interface Hold extends Allowance {
  readonly generationId: string;
  /** The part of a lease in memory that it is; null when the database holds it, or when nothing needs to be held. */
  readonly slice: LeaseSlice | null;
}

/** What a reserve depends on. */
export interface ReserveInput {
  readonly generationId: string;
  /** The hold of an earlier owner may be there already, and is used. */
  readonly isRetake: boolean;
  readonly caller: Caller;
  readonly prompt: Prompt;
  readonly route: RoutedPlan;
}

/** A request as its money allows it; `limit` is the money that it was fitted to, null when it is held as it was asked. */
interface Fitting {
  readonly fit: Extract<Fit, { kind: 'fits' }>;
  readonly limit: SpendLimit | null;
}
type Refusal = Exclude<ReserveResult, { kind: 'held' | 'duplicate' }>;

/** The balance may move while we fit a request to it; a request that is overtaken so often is refused. */
const FITS_MAX = 3;

function assertAdmissible({ key }: Caller, deps: Deps): void {
  if (key.organizationIsFrozen) throw refusalError({ kind: 'frozen' });
  if (deps.books.isOpen) return;
  throw new AppError(
    'service_unavailable',
    'New requests are not taken for a moment: charges cannot be written down.',
    {
      retryAfterSeconds: 1,
    },
  );
}

function refusalError({ kind }: { readonly kind: 'frozen' | 'key_inactive' }): AppError {
  if (kind === 'key_inactive') return new AppError('unauthenticated', 'This API key was revoked.');
  return new AppError('organization_frozen', 'Spending is paused for this organization. Contact support.');
}

/** What is left of the money that a reserve ran into; throws the refusals that have nothing to do with amounts. */
function budgetOf(refusal: Refusal, { caller }: ReserveInput, deps: Deps): Nanodollars {
  switch (refusal.kind) {
    case 'insufficient_credits':
      return refusal.available;
    case 'key_limit':
      return refusal.remaining;
    case 'key_inactive':
      deps.keys.invalidate(caller.key.hash);
      throw refusalError(refusal);
    case 'frozen':
      throw refusalError(refusal);
    default:
      return assertNever(refusal);
  }
}

function shortageError(
  refusal: Refusal,
  facts: { readonly needed: Nanodollars; readonly neededAtLeast: Nanodollars },
  { caller, deps }: ReserveInput & { deps: Deps },
): AppError {
  const { needed } = facts;
  if (refusal.kind === 'key_limit') return limitTooLow(caller.key, { remaining: refusal.remaining, needed }, deps);
  const available = refusal.kind === 'insufficient_credits' ? refusal.available : nanodollars(0n);
  return tooPoor({ ...facts, available }, deps);
}

function reserveInDatabase(amount: Nanodollars, input: ReserveInput, deps: Deps): Promise<ReserveResult> {
  return deps.db.ledger.reserve({
    generationId: input.generationId,
    organizationId: input.caller.key.organizationId,
    apiKeyId: input.caller.key.id,
    amount,
    // Longer than any request can live, so that a hold never expires under a running one.
    ttlMs: deps.limits.totalTimeoutMs + deps.limits.holdMarginMs,
    gatewayId: deps.gatewayId,
  });
}

/** The smaller of what is left and the request's own ceiling. */
function narrowest(
  refusal: Refusal,
  left: Nanodollars,
  ceiling: Nanodollars | null,
): { readonly budget: Nanodollars; readonly limit: SpendLimit } {
  if (ceiling !== null && ceiling <= left) return { budget: ceiling, limit: 'max_cost' };
  return { budget: left, limit: refusal.kind === 'key_limit' ? 'key_limit' : 'account_balance' };
}

/**
 * What was fitted to the last cent of a key or a ceiling is never charged more than was held for it. Credits need no such promise: the
 * ledger takes what there is, and no more.
 */
function allowanceOf({ fit, limit }: Fitting, ceiling: Nanodollars | null): Allowance {
  const isBoundByHold = fit.bound === 'calibrated' && limit !== 'account_balance';
  return { amount: fit.holdAmount, caps: fit.caps, chargeMax: isBoundByHold ? fit.holdAmount : ceiling, limit };
}

/** Exact to the last nanodollar: one round trip per try. Before it refuses, credit that gateways lease comes home; then the answer is shortened. */
async function holdInDatabase(
  first: Fitting,
  ceiling: Nanodollars | null,
  context: { input: ReserveInput; deps: Deps },
): Promise<Fitting> {
  const { input, deps } = context;
  let fitting = first;
  for (let tries = 0; ; tries += 1) {
    const result = await reserveInDatabase(fitting.fit.holdAmount, input, deps);
    // A retake finds the hold of its first life, whatever became of it: its generation is charged once.
    if (result.kind === 'held' || (result.kind === 'duplicate' && input.isRetake)) return fitting;
    if (result.kind === 'duplicate')
      throw new AppError('conflict', 'This generation exists already.', {
        detail: `duplicate hold ${input.generationId}`,
      });
    const { budget, limit } = narrowest(result, budgetOf(result, input, deps), ceiling);
    if (tries === 0) {
      await deps.credit.gather(input.caller.key.organizationId);
      continue;
    }
    const next = fitToBudget({ prompt: input.prompt, candidates: input.route.candidates, budget });
    if (next.kind === 'too_dear') throw shortageError(result, next, { ...input, deps });
    if (tries > FITS_MAX) {
      const needed = first.fit.holdAmount;
      throw shortageError(result, { needed, neededAtLeast: next.holdAmount }, { ...input, deps });
    }
    fitting = { fit: next, limit };
  }
}

/**
 * Sets money aside before any provider is called, usually in memory, from credit that this process leases. Throws `insufficient_credits`,
 * `key_limit_exceeded`, `max_cost_reached`, `organization_frozen`, `unauthenticated` (revoked a moment ago) or `service_unavailable`.
 */
export async function reserve(input: ReserveInput, deps: Deps): Promise<Hold> {
  const { generationId, caller, prompt, route } = input;
  assertAdmissible(caller, deps);
  const ceiling = prompt.maxCostUsd === undefined ? null : nanodollarsFromUsd(prompt.maxCostUsd);
  const fit = fitToBudget({ prompt, candidates: route.candidates, budget: ceiling });
  if (fit.kind === 'too_dear') throw ceilingTooLow(fit, prompt);
  const fitting: Fitting = { fit, limit: ceiling === null ? null : 'max_cost' };
  if (fit.holdAmount === 0n) return { generationId, slice: null, ...allowanceOf(fitting, ceiling) };
  const admitted = input.isRetake ? null : deps.credit.admit(caller.key, fit.holdAmount);
  const slice = admitted instanceof Promise ? await admitted : admitted;
  if (slice !== null) return { generationId, slice, ...allowanceOf(fitting, ceiling) };
  const held = await holdInDatabase(fitting, ceiling, { input, deps });
  return { generationId, slice: null, ...allowanceOf(held, ceiling) };
}

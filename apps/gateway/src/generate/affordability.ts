import { coveredOutputTokens, type FitCandidate, type OutputCaps, SpendGuard } from '@bourse/billing';
import { AppError, assertNever } from '@bourse/errors';
import type { Prompt } from '@bourse/generation';
import { formatUsd, type Nanodollars } from '@bourse/money';
import type { TokenCounter } from '../tokenizer.ts';

/** What keeps a request from costing more than it may. */
export type SpendLimit = 'account_balance' | 'key_limit' | 'max_cost';

/** What was set aside for a request, and what bounds its charge. */
export interface Allowance {
  /** What is held. */
  readonly amount: Nanodollars;
  /** How long each candidate's answer may be, where the money does not buy what was asked for; null: as asked. */
  readonly caps: OutputCaps | null;
  /** What the customer is never charged more than, whatever a provider reports; null: no such promise was made. */
  readonly chargeMax: Nanodollars | null;
  /** The money that it was fitted to; null when the request is held as it was asked and has no ceiling. */
  readonly limit: SpendLimit | null;
}

/** What a stream may cost before it is ended; null when it may cost what it costs, because it was held as it was asked. */
function spendableOf({ amount, caps, chargeMax }: Allowance): Nanodollars | null {
  const held = caps === null ? null : amount;
  const isCeilingLower = held !== null && chargeMax !== null && chargeMax < held;
  return isCeilingLower ? chargeMax : (held ?? chargeMax);
}

/** The output cap that an endpoint is told for the sake of money; null when it answers as asked. */
export function shortenedTo({ caps }: Allowance, endpointId: string): number | null {
  return caps?.get(endpointId) ?? null;
}

/** What a stream and its money are. */
export interface Spending {
  readonly prompt: Prompt;
  readonly candidate: FitCandidate;
  readonly allowance: Allowance;
}

/**
 * Watches a stream whose money may end before it does: the endpoint was told to write less than was asked for, or the request has a
 * ceiling. Null, at no cost, for all others, and when the money lasts for the whole context.
 */
export async function spendGuardFor(
  { prompt, candidate, allowance }: Spending,
  counter: () => Promise<TokenCounter>,
): Promise<SpendGuard | null> {
  const spendable = spendableOf(allowance);
  if (spendable === null) return null;
  const { endpoint, markupBps } = candidate;
  const outputTokensMax = coveredOutputTokens({ prompt, endpoint, markupBps }, spendable);
  if (outputTokensMax === null) return null;
  return new SpendGuard({ outputTokensMax, countTokens: (await counter()).countNow });
}

/** Why a stream ends whose money is spent: what the client reads in-band, and the error code of its record. */
export function spentError(allowance: Allowance): AppError {
  const limit = allowance.limit ?? 'account_balance';
  const metadata = { reason: limit, spendable: formatUsd(spendableOf(allowance) ?? allowance.amount) };
  switch (limit) {
    case 'max_cost':
      return new AppError('max_cost_reached', 'The answer reached the max_cost of its request and was ended.', {
        metadata,
      });
    case 'key_limit':
      return new AppError('key_limit_exceeded', "The answer reached the key's limit and was ended.", { metadata });
    case 'account_balance':
      return new AppError('insufficient_credits', 'The answer used up the credits that were left and was ended.', {
        metadata,
      });
    default:
      return assertNever(limit);
  }
}

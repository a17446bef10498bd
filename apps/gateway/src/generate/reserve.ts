import { affordableOutputTokens } from '@bourse/billing';
import { AppError, assertNever } from '@bourse/errors';
import type { Prompt } from '@bourse/generation';
import { formatUsd, type Nanodollars, nanodollars } from '@bourse/money';
import type { Deps } from '../deps.ts';
import type { Caller } from './authenticate.ts';
import type { RoutedPlan } from './plan.ts';

/** Money set aside for a generation. */
export interface Hold {
  readonly generationId: string;
  readonly amount: Nanodollars;
}

/** The dearest candidate's bound: one hold covers whichever of them answers. */
function holdAmount(route: RoutedPlan): Nanodollars {
  return nanodollars(
    route.candidates.reduce((most: bigint, { bound }) => (bound.holdAmount > most ? bound.holdAmount : most), 0n),
  );
}

function tooPoor(
  available: Nanodollars,
  amount: Nanodollars,
  input: { prompt: Prompt; route: RoutedPlan; deps: Deps },
): AppError {
  const { endpoint, markupBps } = input.route.candidates[0];
  const affordable = affordableOutputTokens({ prompt: input.prompt, endpoint, markupBps, available });
  const remedy =
    affordable === null
      ? `Add credits at ${input.deps.dashboardUrl}/settings/credits.`
      : `Set max_tokens to ${affordable} or less, or add credits at ${input.deps.dashboardUrl}/settings/credits.`;
  return new AppError(
    'insufficient_credits',
    `This request may cost up to $${formatUsd(amount)}, and $${formatUsd(available)} is available. ${remedy}`,
    {
      metadata: {
        reason: 'account_balance',
        available: formatUsd(available),
        needed: formatUsd(amount),
        affordable_output_tokens: affordable,
      },
    },
  );
}

/**
 * Sets money aside before any provider is called: the only write on the way in, one round trip, no connection kept.
 * Throws `insufficient_credits`, `key_limit_exceeded`, `organization_frozen`, `unauthenticated` (revoked a moment ago) or
 * `service_unavailable`.
 */
export async function reserve(
  input: {
    readonly generationId: string;
    /** The hold of an earlier owner may be there already, and is used. */
    readonly isRetake: boolean;
    readonly caller: Caller;
    readonly prompt: Prompt;
    readonly route: RoutedPlan;
  },
  deps: Deps,
): Promise<Hold> {
  const { generationId, isRetake, caller, prompt, route } = input;
  const amount = holdAmount(route);
  const result = await deps.db.ledger.reserve({
    generationId,
    organizationId: caller.key.organizationId,
    apiKeyId: caller.key.id,
    amount,
    // Longer than any request can live, so that a hold never expires under a running one.
    ttlMs: deps.limits.totalTimeoutMs + deps.limits.holdMarginMs,
    gatewayId: deps.gatewayId,
  });
  switch (result.kind) {
    case 'held':
      return { generationId, amount };
    case 'insufficient_credits':
      throw tooPoor(result.available, amount, { prompt, route, deps });
    case 'key_limit':
      throw new AppError(
        'key_limit_exceeded',
        `This key's limit would be exceeded: $${formatUsd(result.remaining)} remains and up to $${formatUsd(amount)} is needed. Raise it at ${deps.dashboardUrl}/settings/keys.`,
        {
          metadata: { reason: 'key_limit', limit_remaining: formatUsd(result.remaining), needed: formatUsd(amount) },
        },
      );
    case 'frozen':
      throw new AppError('organization_frozen', 'Spending is paused for this organization. Contact support.');
    case 'key_inactive':
      deps.keys.invalidate(caller.key.hash);
      throw new AppError('unauthenticated', 'This API key was revoked.');
    case 'duplicate':
      // Whatever became of that hold, its generation is charged once.
      if (isRetake) return { generationId, amount };
      throw new AppError('conflict', 'This generation exists already.', { detail: `duplicate hold ${generationId}` });
    default:
      return assertNever(result);
  }
}

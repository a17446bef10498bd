import { assertNever } from '@bourse/errors';
import { type FinishReason, type Usage, usageTotals } from '@bourse/generation';

/** How a generation ended, seen from the gateway. */
export type GenerationEnd = 'finished' | 'upstream_error' | 'client_cancelled' | 'timeout';

/** All that the billing table looks at. */
export interface GenerationOutcome {
  readonly end: GenerationEnd;
  /** The provider's final word in the hub's vocabulary; null when it gave none (a blank finish). */
  readonly finishReason: FinishReason | null;
  /** The provider's own counts for what was delivered; null when none came, or only partial ones. */
  readonly usage: Usage | null;
  /** Our own count of the prompt and of the output that the client got. Used where the provider's is missing. */
  readonly estimatedUsage: Usage;
  /** Some output reached the client. */
  readonly isDelivered: boolean;
  /** The provider reported counts that cannot be (negative, beyond the context): never billed, `usage` is ignored. */
  readonly isUsageRejected: boolean;
}

/** Why a charge is not simply the reported usage; stored with the generation and shown in its receipt. */
export type ChargeFlag = 'estimated' | 'insured' | 'cancelled' | 'cancelled_early' | 'timeout' | 'usage_rejected';

/** What to bill. */
export interface ChargeDecision {
  /** The counts to price; empty when nothing is charged. A charged generation counts one `request`. */
  readonly usage: Usage;
  /** `estimated`: our own count, which the caller caps at the hold. `none`: nothing is charged. */
  readonly basis: 'reported' | 'estimated' | 'none';
  /** Without duplicates, in the order of the `ChargeFlag` union. */
  readonly flags: readonly ChargeFlag[];
  readonly isCharged: boolean;
}

function free(...flags: readonly ChargeFlag[]): ChargeDecision {
  return { usage: {}, basis: 'none', flags, isCharged: false };
}

function charged(outcome: GenerationOutcome, ...flags: readonly ChargeFlag[]): ChargeDecision {
  const reported = outcome.isUsageRejected ? null : outcome.usage;
  const usage = reported ?? outcome.estimatedUsage;
  return {
    usage: { ...usage, request: usage.request ?? 1 },
    basis: reported === null ? 'estimated' : 'reported',
    flags: [
      ...(reported === null ? (['estimated'] as const) : []),
      ...flags,
      ...(outcome.isUsageRejected ? (['usage_rejected'] as const) : []),
    ],
    isCharged: true,
  };
}

/** The output part of a usage: what is owed when an answer came too late to be worth its prompt. */
function outputOnly(usage: Usage): Usage {
  const { output, output_reasoning, output_audio, output_image } = usage;
  return {
    ...(output === undefined ? {} : { output }),
    ...(output_reasoning === undefined ? {} : { output_reasoning }),
    ...(output_audio === undefined ? {} : { output_audio }),
    ...(output_image === undefined ? {} : { output_image }),
    request: 0,
  };
}

function decideFinished(outcome: GenerationOutcome): ChargeDecision {
  if (outcome.finishReason === 'error') return free('insured');
  const counted = (outcome.isUsageRejected ? null : outcome.usage) ?? outcome.estimatedUsage;
  const isBlank = outcome.finishReason === null && !outcome.isDelivered && usageTotals(counted).outputTokens === 0;
  return isBlank ? free('insured') : charged(outcome);
}

/**
 * The billing table: which ending of a generation costs the customer what. Total: every outcome has a decision.
 *
 * | ending | charge |
 * | --- | --- |
 * | finished, usage reported | the reported usage |
 * | finished, no usage or an impossible one | our estimate |
 * | finished, no output and no finish reason | nothing (`insured`) |
 * | upstream error, or finish reason `error` | nothing (`insured`), also after the first token |
 * | client cancelled after some output | the reported usage, else our estimate of prompt and delivered output |
 * | client cancelled before any output | nothing (`cancelled_early`) |
 * | timeout after some output | the delivered output only, not the prompt nor the request fee |
 * | timeout before any output | nothing (`timeout`) |
 */
export function decideCharge(outcome: GenerationOutcome): ChargeDecision {
  switch (outcome.end) {
    case 'finished':
      return decideFinished(outcome);
    case 'upstream_error':
      return free('insured');
    case 'client_cancelled':
      return outcome.isDelivered ? charged(outcome, 'cancelled') : free('cancelled_early');
    case 'timeout':
      if (!outcome.isDelivered) return free('timeout');
      return charged(
        {
          ...outcome,
          usage: outcome.usage === null ? null : outputOnly(outcome.usage),
          estimatedUsage: outputOnly(outcome.estimatedUsage),
        },
        'timeout',
      );
    default:
      return assertNever(outcome.end);
  }
}

import { assertNever, invariant } from '@bourse/errors';
import { type FinishReason, type Usage, unitMeters, usageTotals } from '@bourse/generation';
import {
  type BillingCell,
  basisOf,
  type ChargeFlag,
  type ChargeRule,
  chargeRules,
  type Delivered,
  isDecidedBy,
  type OutcomeEnd,
  type UsageState,
} from './charge-rules.ts';

/** How a generation ended that its own gateway saw to the end. */
export type GenerationEnd = Exclude<OutcomeEnd, 'crashed'>;

/** Our own count of an answer. */
export interface UsageEstimate {
  readonly usage: Usage;
  /** How it was counted, e.g. `o200k_base`, or `bytes` for a rough one that nobody pays by. */
  readonly method: string;
}

/** All that the billing table looks at. */
export interface GenerationOutcome {
  readonly end: OutcomeEnd;
  /** The provider's final word in the hub's vocabulary; null when it gave none (a blank finish). */
  readonly finishReason: FinishReason | null;
  /** The provider's last counts; null when none came. */
  readonly usage: Usage | null;
  /** What `judgeUsage` says of them. */
  readonly usageState: UsageState;
  /** Some output passed: to the client, or to us while it was drained. */
  readonly hasOutput: boolean;
  readonly isAbortable: boolean;
  readonly isByok: boolean;
  readonly isStreamed: boolean;
}

/** What to bill, and what to book as our own cost. */
export interface ChargeDecision {
  /** The counts that the customer pays for; empty when nothing is charged. A charged generation counts one `request`. */
  readonly usage: Usage;
  /** `estimated`: our own count, which never takes more than the hold. `none`: nothing is charged. */
  readonly basis: 'reported' | 'estimated' | 'none';
  /** The counts that the provider bills us for, also where the customer pays nothing; empty when it bills nothing. */
  readonly costUsage: Usage;
  /** `none`: the provider bills nothing, or bills the customer (BYOK). */
  readonly costBasis: 'reported' | 'estimated' | 'none';
  /** Without duplicates. */
  readonly flags: readonly ChargeFlag[];
  readonly isCharged: boolean;
  /** BYOK: the charge is a fee on what `usage` would cost, not its price. */
  readonly isFeeOnly: boolean;
}

/**
 * `precise`: a customer pays by it, so a tokenizer must count. `rough`: only our own books need it. `none`: the provider's counts say all,
 * or they are of no use.
 */
export type EstimateNeed = 'precise' | 'rough' | 'none';

/** Hidden reasoning is an answer that cannot be seen, and a filter's answer is empty by intent: both count once they are reported. */
function isHiddenAnswer({ end, finishReason, usage, usageState }: GenerationOutcome): boolean {
  const isCounted = end === 'finished' && usageState === 'final' && usage !== null;
  return isCounted && (usageTotals(usage).outputTokens > 0 || finishReason === 'content_filter');
}

function deliveredOf(outcome: GenerationOutcome): Delivered {
  if (!outcome.hasOutput && !isHiddenAnswer(outcome)) return 'nothing';
  return outcome.finishReason === null ? 'some' : 'all';
}

function cellOf(outcome: GenerationOutcome): BillingCell {
  const { end, finishReason, usageState: usage, isAbortable, isByok, isStreamed } = outcome;
  // A provider that says "error" as its last word has failed, in whichever way the connection ended.
  const isFailed = end === 'finished' && finishReason === 'error';
  return {
    end: isFailed ? 'upstream_error' : end,
    delivered: deliveredOf(outcome),
    usage,
    isAbortable,
    isByok,
    isStreamed,
  };
}

function ruleOf(cell: BillingCell): ChargeRule {
  const rule = chargeRules.find((row) => isDecidedBy(row, cell));
  invariant(rule !== undefined, () => `no billing row for ${JSON.stringify(cell)}`);
  return rule;
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

/** Our count, but for those sides where the provider already counted: its prompt is exact, its output at least what it said. */
function completed(partial: Usage, estimate: Usage): Usage {
  const said = usageTotals(partial);
  const counted = usageTotals(estimate);
  const input = said.inputTokens > 0 ? partial : estimate;
  const output = said.outputTokens >= counted.outputTokens ? partial : estimate;
  return {
    ...input,
    output: 0,
    output_reasoning: 0,
    output_audio: 0,
    output_image: 0,
    ...outputOnly(output),
    request: 1,
  };
}

function isEmpty(usage: Usage): boolean {
  const { inputTokens, outputTokens } = usageTotals(usage);
  return inputTokens + outputTokens === 0 && unitMeters.every((meter) => (usage[meter] ?? 0) === 0);
}

/** Our best knowledge of what the provider read and wrote. Empty when it did nothing. */
function usedOf(outcome: GenerationOutcome, estimate: UsageEstimate | null): Usage {
  const { usage, usageState } = outcome;
  const counted = estimate?.usage ?? {};
  if (usageState === 'partial' && usage !== null) return completed(usage, counted);
  const used = usageState === 'final' && usage !== null ? usage : counted;
  return isEmpty(used) || used.request !== undefined ? used : { ...used, request: 1 };
}

function paidFor(charge: ChargeRule['charge'], used: Usage): Usage {
  switch (charge) {
    case 'usage':
      return used.request === undefined ? { ...used, request: 1 } : used;
    case 'output':
      return outputOnly(used);
    case 'nothing':
      return {};
    default:
      return assertNever(charge);
  }
}

/** What kind of own count a decision needs, before it is made: counting is the one part that takes time. */
export function estimateNeed(outcome: GenerationOutcome): EstimateNeed {
  const cell = cellOf(outcome);
  if (basisOf(cell.usage) === 'reported') return 'none';
  if (ruleOf(cell).charge !== 'nothing') return 'precise';
  return cell.isByok ? 'none' : 'rough';
}

/**
 * Decides who pays what: the row of `chargeRules` for the outcome, priced by the provider's counts where they are whole and sane, else by
 * `estimate` (null or empty when the provider cannot have done anything). Total: every outcome has exactly one row. A cost that the
 * customer does not pay is told as well, so that the ledger can book it as the house's loss.
 */
export function decideCharge(outcome: GenerationOutcome, estimate: UsageEstimate | null): ChargeDecision {
  const cell = cellOf(outcome);
  const { charge, flag } = ruleOf(cell);
  const used = usedOf(outcome, estimate);
  const basis = basisOf(cell.usage);
  const isCharged = charge !== 'nothing';
  const hasCost = !cell.isByok && !isEmpty(used);
  const isOurCount = basis === 'estimated' && (isCharged || hasCost);
  const payer = isCharged ? 'estimated' : 'cost_estimated';
  const flags: readonly (ChargeFlag | null)[] = [
    isOurCount ? payer : null,
    isOurCount && estimate !== null ? `method:${estimate.method}` : null,
    flag,
    cell.usage === 'absurd' ? 'usage_rejected' : null,
    cell.isByok ? 'byok' : null,
  ];
  return {
    usage: paidFor(charge, used),
    basis: isCharged ? basis : 'none',
    costUsage: hasCost ? used : {},
    costBasis: hasCost ? basis : 'none',
    flags: flags.filter((each) => each !== null),
    isCharged,
    isFeeOnly: isCharged && cell.isByok,
  };
}

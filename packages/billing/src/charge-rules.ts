/** How a generation ended. `crashed`: our process died before it could say; only the recovery of holds uses it. */
export type OutcomeEnd = 'finished' | 'upstream_error' | 'client_cancelled' | 'timeout' | 'crashed';

/**
 * How much of the answer came. `nothing`: no output and no output tokens. `some`: output without a finish reason. `all`: output and a
 * finish reason, or a filter's whole answer, which is empty.
 */
export type Delivered = 'nothing' | 'some' | 'all';

/**
 * What is known from the provider's own counts. `partial`: output came after the last report, or a side of it is zero although there was
 * something to count. `absurd`: it cannot be true, so its numbers are never used.
 */
export type UsageState = 'none' | 'partial' | 'final' | 'absurd';

/** One of the 480 cells that the billing table answers: everything that decides who pays. */
export interface BillingCell {
  readonly end: OutcomeEnd;
  readonly delivered: Delivered;
  readonly usage: UsageState;
  /** Hanging up stops the provider's bill. */
  readonly isAbortable: boolean;
  /** The customer's own credential was used: the provider bills the customer, not us. */
  readonly isByok: boolean;
  readonly isStreamed: boolean;
}

/** Why a charge is not simply the reported usage; stored with the generation and shown in its receipt. */
export type ChargeFlag =
  /** The charge was computed from our own count. */
  | 'estimated'
  /** How we counted, e.g. `method:o200k_base`. */
  | `method:${string}`
  /** The customer pays nothing for an answer that failed or was blank; the house bears the provider's cost. */
  | 'insured'
  | 'cancelled'
  /** The client left, the provider could not be stopped, and its answer was read on to learn the usage. */
  | 'cancelled_drained'
  | 'cancelled_early'
  | 'timeout'
  | 'crash'
  /** The provider reported counts that cannot be. */
  | 'usage_rejected'
  /** Our own count is what the house books as its cost; the customer does not pay by it. */
  | 'cost_estimated'
  | 'byok'
  /** The stream was ended by us when it had delivered all that its money covers. */
  | 'money_spent'
  /** The provider was told to write less than was asked for, because the money reached no further. */
  | 'shortened'
  /** The customer pays less than the counts come to: a hold or a ceiling was reached. */
  | 'capped'
  /** Attempts failed before another one answered, and their providers may bill for them: the house bears that. */
  | 'attempts_insured';

/** A row of the billing table. */
export interface ChargeRule {
  readonly name: string;
  /** The cells that the row decides. A dimension that is not named does not matter. */
  readonly when: {
    readonly end: OutcomeEnd;
    readonly delivered?: readonly Delivered[];
    readonly isAbortable?: boolean;
    readonly isStreamed?: boolean;
  };
  /** What the customer pays for: all that was used, the output of it, or nothing. */
  readonly charge: 'usage' | 'output' | 'nothing';
  readonly flag: ChargeFlag | null;
}

/**
 * The billing table: which ending costs the customer what. The rows exclude one another and cover every cell, so their order means
 * nothing. Two dimensions work the same in all rows and are columns, so to say: `usage` decides whether provider's or our own counts are
 * priced (`basisOf`), and `isByok` makes the charge a fee and the cost nothing.
 */
export const chargeRules: readonly ChargeRule[] = [
  { name: 'answered', when: { end: 'finished', delivered: ['some', 'all'] }, charge: 'usage', flag: null },
  { name: 'blank', when: { end: 'finished', delivered: ['nothing'] }, charge: 'nothing', flag: 'insured' },
  { name: 'failed', when: { end: 'upstream_error' }, charge: 'nothing', flag: 'insured' },
  {
    name: 'cancelled before any output',
    when: { end: 'client_cancelled', delivered: ['nothing'] },
    charge: 'nothing',
    flag: 'cancelled_early',
  },
  {
    name: 'cancelled within a whole answer, which was thrown away',
    when: { end: 'client_cancelled', delivered: ['some'], isAbortable: true, isStreamed: false },
    charge: 'nothing',
    flag: 'cancelled_early',
  },
  {
    name: 'cancelled when a whole answer was ready',
    when: { end: 'client_cancelled', delivered: ['all'], isAbortable: true, isStreamed: false },
    charge: 'usage',
    flag: 'cancelled',
  },
  {
    name: 'cancelled within a stream, which stopped',
    when: { end: 'client_cancelled', delivered: ['some', 'all'], isAbortable: true, isStreamed: true },
    charge: 'usage',
    flag: 'cancelled',
  },
  {
    name: 'cancelled where hanging up does not stop the bill',
    when: { end: 'client_cancelled', delivered: ['some', 'all'], isAbortable: false },
    charge: 'usage',
    flag: 'cancelled_drained',
  },
  {
    name: 'timed out before any output',
    when: { end: 'timeout', delivered: ['nothing'] },
    charge: 'nothing',
    flag: 'timeout',
  },
  {
    name: 'timed out within a whole answer, of which the client saw nothing',
    when: { end: 'timeout', delivered: ['some', 'all'], isStreamed: false },
    charge: 'nothing',
    flag: 'timeout',
  },
  {
    name: 'timed out within a stream',
    when: { end: 'timeout', delivered: ['some', 'all'], isStreamed: true },
    charge: 'output',
    flag: 'timeout',
  },
  { name: 'crashed', when: { end: 'crashed' }, charge: 'nothing', flag: 'crash' },
];

/** True when a row decides a cell. */
export function isDecidedBy({ when }: ChargeRule, cell: BillingCell): boolean {
  return (
    when.end === cell.end &&
    (when.delivered === undefined || when.delivered.includes(cell.delivered)) &&
    (when.isAbortable === undefined || when.isAbortable === cell.isAbortable) &&
    (when.isStreamed === undefined || when.isStreamed === cell.isStreamed)
  );
}

/** Whose counts are priced: the provider's only when they are complete and can be true. */
export function basisOf(usage: UsageState): 'reported' | 'estimated' {
  return usage === 'final' ? 'reported' : 'estimated';
}

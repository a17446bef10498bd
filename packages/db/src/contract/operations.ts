import type { Nanodollars } from '@bourse/money';

/**
 * The kill switches. `stop_reserves`: no new inference, what runs is finished. `force_direct`: no credit leases. `freeze_organization`,
 * `stop_provider`, `stop_endpoint` are about one organization, provider or endpoint each.
 */
export const switchNames = [
  'stop_reserves',
  'force_direct',
  'freeze_organization',
  'stop_provider',
  'stop_endpoint',
] as const;

/** A kill switch. */
export type SwitchName = (typeof switchNames)[number];

/** A switch that is on. `argument` is what it is about; '' for the whole market. */
export interface SwitchPosition {
  readonly name: SwitchName;
  readonly argument: string;
}

/** A switch as it stands, with who turned it last and why. */
export interface MarketSwitch extends SwitchPosition {
  readonly isOn: boolean;
  readonly reason: string;
  readonly actor: string;
  readonly changedAt: Date;
}

/** `unknown_argument`: there is no such organization, provider or endpoint, or a market-wide switch was given one; nothing changed. */
export type TurnResult = 'turned' | 'unknown_argument';

/** Kill switches. Each change is told to the gateways (topic `switch`) and written to a log that cannot be changed. */
export interface SwitchStore {
  /** Those that are on; one cheap query, for gateways that look every other second. */
  listOn(): Promise<readonly SwitchPosition[]>;
  /** All that were ever turned, newest change first. */
  list(): Promise<readonly MarketSwitch[]>;
  turn(change: SwitchPosition & Pick<MarketSwitch, 'isOn' | 'reason' | 'actor'>): Promise<TurnResult>;
}

/** The ten promises of reconciliation, as docs/OPERATIONS.md lists them. */
export type ReconciliationRule = 'R1' | 'R2' | 'R3' | 'R4' | 'R5' | 'R6' | 'R7' | 'R8' | 'R9' | 'R10';

/** One promise of the books, looked at. */
export interface CheckResult {
  readonly rule: ReconciliationRule;
  /** The promise in words; several may belong to one rule. */
  readonly name: string;
  /** What breaks the promise; 0 = it holds. */
  readonly differences: number;
  /** Up to five of them, for people. */
  readonly examples: readonly string[];
  /** False: there was nothing to compare with, which is neither right nor wrong. `differences` is 0 then. */
  readonly isConfigured: boolean;
}

/** `full`: everything. `light`: what needs the books alone. */
export type ReconciliationForm = 'full' | 'light';

/** A finished run. */
export interface ReconciliationRun {
  readonly id: bigint;
  readonly form: ReconciliationForm;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly results: readonly CheckResult[];
}

/** A purchase as the books have it, to be compared with the card processor. */
export interface BookedPurchase {
  readonly topupId: string;
  readonly paymentIntentId: string | null;
  readonly createdAt: Date;
  /** What the processor owes us for it by the books: paid less given back. 0 while it is not granted. */
  readonly clearing: Nanodollars;
}

/** A line of a provider's invoice. */
export interface InvoiceLine {
  readonly providerSlug: string;
  /** UTC, ISO. */
  readonly day: string;
  /** Our slug, or `*` for the day as a whole. */
  readonly modelSlug: string;
  readonly cost: Nanodollars;
}

/** What runs of the reconciliation leave behind, and what they compare with. */
export interface ReconciliationStore {
  /** True when no run of this form that was finished began within `everyMs` by the database clock: several workers share one rhythm. */
  isDue(request: { readonly form: ReconciliationForm; readonly everyMs: number }): Promise<boolean>;
  start(form: ReconciliationForm): Promise<bigint>;
  finish(run: { readonly id: bigint; readonly results: readonly CheckResult[] }): Promise<void>;
  /** The latest finished run of each form. */
  latest(): Promise<readonly ReconciliationRun[]>;
  /** Removes runs that are older; answers how many. */
  prune(keep: { readonly form: ReconciliationForm; readonly forMs: number }): Promise<number>;
  /** Purchases made since then, whatever became of them. */
  bookedPurchases(since: Date): Promise<readonly BookedPurchase[]>;
  /** Writes invoice lines; one for the same provider, day and model replaces the older. Unknown providers are refused by name. */
  importInvoice(request: {
    readonly source: string;
    readonly lines: readonly InvoiceLine[];
  }): Promise<
    { readonly kind: 'imported' } | { readonly kind: 'unknown_providers'; readonly slugs: readonly string[] }
  >;
}

/** Something that an operator should look at. */
export interface OperatorNotice {
  /** What it is; the same thing has one row. */
  readonly key: string;
  readonly kind: 'credential_set_aside';
  /** What it is about, e.g. a provider. */
  readonly subject: string;
  /** For people; at most 500 characters. */
  readonly detail: string;
  /** How often it was seen in all. */
  readonly times: number;
  readonly raisedAt: Date;
  readonly seenAt: Date;
  /** Null while it is so. */
  readonly clearedAt: Date | null;
}

/** What operators should look at. */
export interface NoticeStore {
  /** Raises it, or counts it once more. One that was not raised before, or was cleared, is mailed to the operators. */
  raise(notice: Pick<OperatorNotice, 'key' | 'kind' | 'subject' | 'detail'>): Promise<void>;
  /** It is so no more. */
  clear(key: string): Promise<void>;
  /** Those that are so first, then the newest. */
  list(query: { readonly limit: number }): Promise<readonly OperatorNotice[]>;
}

/**
 * What may be queued. `topup.granted`: credits were bought. `balance.low`: an organization's credits fell below its threshold. `operator.notice`: operators
 * should look at something. Amounts are nanodollars as decimal strings, because the body is JSON.
 */
export interface OutboxBodies {
  readonly 'topup.granted': { readonly topupId: string; readonly organizationId: string };
  readonly 'balance.low': {
    readonly organizationId: string;
    readonly posted: string;
    readonly threshold: string;
  };
  readonly 'operator.notice': { readonly subject: string; readonly detail: string };
}

/** A kind of message. */
export type OutboxTopic = keyof OutboxBodies;

/** A message that was claimed: nobody else gets it until `claimMs` have passed. */
export type OutboxMessage = {
  readonly [Topic in OutboxTopic]: {
    readonly id: bigint;
    readonly topic: Topic;
    /** What it is; the same at every attempt. */
    readonly key: string;
    readonly body: OutboxBodies[Topic];
    /** 1 = the first. */
    readonly attempt: number;
  };
}[OutboxTopic];

/** Messages to the outside world. They are written by the stores whose transactions cause them; workers carry them out, at least once. */
export interface OutboxStore {
  /** Takes at most `limit` messages that are due and were tried fewer than `attemptsMax` times. Any number of workers may ask at once. */
  claim(request: {
    readonly limit: number;
    readonly claimMs: number;
    readonly attemptsMax: number;
  }): Promise<readonly OutboxMessage[]>;
  done(id: bigint): Promise<void>;
  /** It failed, and may be tried again after so long. `error` is for operators; its first 500 characters are kept. */
  failed(failure: { readonly id: bigint; readonly error: string; readonly retryAfterMs: number }): Promise<void>;
  /** Removes what was done longer ago; answers how many. */
  prune(request: { readonly doneForMs: number; readonly limit: number }): Promise<number>;
  /**
   * Queues `balance.low` once for each organization whose posted credits fell below its threshold since they were last at or above it;
   * answers how many. Reads each balance once, and writes only crossings.
   */
  queueLowBalances(request: { readonly thresholdDefault: Nanodollars }): Promise<number>;
}

import type { HealthDelta, Percentiles } from '@bourse/routing';

/** How an endpoint did in one UTC hour, over all gateways. */
export interface EndpointHealthHour {
  readonly endpointId: string;
  /** The start of the hour. */
  readonly hourAt: Date;
  /** Attempts that succeeded, and those that failed without the user's doing. */
  readonly ok: number;
  readonly failed: number;
  /** ok / (ok + failed), 0..1; null without attempts. */
  readonly uptime: number | null;
  /** Milliseconds to the first token of streams; null where none was measured. */
  readonly latencyMs: Percentiles | null;
  readonly tokensPerSecond: Percentiles | null;
  /** Answers that ended in tool calls, and the share of them with a broken call (null: there was none). */
  readonly toolAnswers: number;
  readonly toolErrorRate: number | null;
}

/** What happened to one endpoint in one hour, without its percentiles. */
export interface EndpointAttempts {
  readonly endpointId: string;
  readonly hourAt: Date;
  readonly ok: number;
  readonly failed: number;
}

/** The history of endpoints' health by the hour, for charts, and for gateways that have just started. */
export interface EndpointHealthStore {
  /** Adds what a gateway saw to the hour that it is now by the database clock. One statement, however many endpoints. */
  add(deltas: readonly HealthDelta[]): Promise<void>;
  /** The hours of some endpoints that began in [from, to), oldest first; at most 31 days. Hours without attempts have no row. */
  hours(query: {
    readonly endpointIds: readonly string[];
    readonly from: Date;
    readonly to: Date;
  }): Promise<readonly EndpointHealthHour[]>;
  /** All attempts of all endpoints in the hours that began within so many hours before now. */
  attempts(withinHours: number): Promise<readonly EndpointAttempts[]>;
  /** Removes hours that are older; answers how many rows. */
  prune(keep: { readonly forMs: number }): Promise<number>;
}

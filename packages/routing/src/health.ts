/** A measure's percentiles over a rolling window. */
export interface Percentiles {
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p99: number;
}

/** How well an endpoint calls tools and how fast it is, over the longer windows that an order by quality rests on. */
export interface EndpointQuality {
  /** Tokens per second, the median of the last 30 minutes; null = nothing was measured. */
  readonly tokensPerSecond: number | null;
  /** Of the answers of the last two hours that ended in tool calls, the share without a broken call, 0..1; null where there was none. */
  readonly toolSuccess: number | null;
  /** Attempts of the last 30 minutes. */
  readonly attempts: number;
  /** Answers of the last two hours that ended in tool calls. */
  readonly toolAnswers: number;
}

/** What is known of an endpoint's health at this moment. Errors that users cause are in none of it. */
export interface EndpointHealth {
  /** It failed significantly in the last 30 seconds, or its breaker is open: it stays allowed and goes last. */
  readonly isOut: boolean;
  /** The share of attempts of the last day that succeeded, 0..1; null below 100 attempts. */
  readonly uptime: number | null;
  /** Milliseconds to the first token, over the last 5 minutes; null = not enough was measured. */
  readonly latencyMs: Percentiles | null;
  /** Output tokens by the seconds from the call to the end, over the last 5 minutes; null = not enough was measured. */
  readonly tokensPerSecond: Percentiles | null;
  readonly quality: EndpointQuality;
}

/** An endpoint of which nothing is known. */
export const unknownHealth: EndpointHealth = {
  isOut: false,
  uptime: null,
  latencyMs: null,
  tokensPerSecond: null,
  quality: { tokensPerSecond: null, toolSuccess: null, attempts: 0, toolAnswers: 0 },
};

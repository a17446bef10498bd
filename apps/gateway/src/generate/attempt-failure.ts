import { type ErrorCode, isAppError } from '@bourse/errors';
import { AuthorizationFailed } from '@bourse/providers';
import type { PlacementReason } from '@bourse/routing';
import type { ProviderFailure } from '@bourse/wire';

/** One line of a generation's attempt log; stored as JSON with the generation and shown to its owner. */
export type AttemptLog = {
  readonly endpointId: string;
  readonly providerSlug: string;
  readonly modelSlug: string;
  /** Why the endpoint stood where it did in the plan; absent in records of older gateways. */
  readonly reason?: PlacementReason;
  /** The provider's HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly outcome: 'ok' | ProviderFailure['kind'];
  /** To the first token of a stream, to the whole body otherwise. */
  readonly latencyMs: number;
  /** Of a refusal that said so: when a retry may succeed. */
  readonly retryAfterSeconds?: number;
  /** Of a failed attempt that another one followed: what its provider may bill us for it, by our estimate. Borne by us. */
  readonly costNanodollars?: string;
};

interface FailureRule {
  readonly code: ErrorCode;
  /** Another endpoint of the same model may do better. */
  readonly mayFallBack: boolean;
  /**
   * The endpoint is to blame and its health suffers; neither the request, nor how much we send there, nor what a key may do (reference: 401, 402,
   * 404, 5xx and broken streams count, 400, 403, 413 and 429 do not; the marketplace's contract with its suppliers, 2026-08).
   */
  readonly isOutage: boolean;
  /** The provider's sentence explains the customer's own request and may be shown. */
  readonly isQuotable: boolean;
}

/**
 * What each kind of refusal means. A provider's 401, 402 and 403 speak of our credential, so the customer sees 502: an
 * infrastructure fault is never turned into a 401 or 402.
 */
const RULES: Readonly<Record<ProviderFailure['kind'], FailureRule>> = {
  invalid_request: { code: 'invalid_request', mayFallBack: false, isOutage: false, isQuotable: true },
  context_length_exceeded: { code: 'context_length_exceeded', mayFallBack: false, isOutage: false, isQuotable: true },
  unauthenticated: { code: 'provider_failed', mayFallBack: true, isOutage: true, isQuotable: false },
  payment_required: { code: 'provider_failed', mayFallBack: true, isOutage: true, isQuotable: false },
  forbidden: { code: 'provider_failed', mayFallBack: true, isOutage: false, isQuotable: false },
  not_found: { code: 'provider_failed', mayFallBack: true, isOutage: true, isQuotable: false },
  rate_limited: { code: 'rate_limited', mayFallBack: true, isOutage: false, isQuotable: false },
  overloaded: { code: 'no_endpoint_available', mayFallBack: true, isOutage: true, isQuotable: false },
  server_error: { code: 'provider_failed', mayFallBack: true, isOutage: true, isQuotable: false },
  timeout: { code: 'provider_timeout', mayFallBack: true, isOutage: true, isQuotable: false },
  connection_failed: { code: 'provider_failed', mayFallBack: true, isOutage: true, isQuotable: false },
  invalid_response: { code: 'provider_failed', mayFallBack: true, isOutage: true, isQuotable: false },
};

/** How a failure is to be treated. */
export function failureRule(failure: ProviderFailure): FailureRule {
  return RULES[failure.kind];
}

const RETRYABLE: ReadonlySet<ProviderFailure['kind']> = new Set([
  'connection_failed',
  'overloaded',
  'server_error',
  'invalid_response',
]);
const RETRY_AFTER_SECONDS_MAX = 2;

/** The same endpoint may do better a moment later: a broken connection, an error of its own, an answer that is none; a rate limit that is over soon. */
export function isRetryable({ kind, retryAfterSeconds }: ProviderFailure): boolean {
  if (RETRYABLE.has(kind)) return retryAfterSeconds === null || retryAfterSeconds <= RETRY_AFTER_SECONDS_MAX;
  return kind === 'rate_limited' && retryAfterSeconds !== null && retryAfterSeconds <= RETRY_AFTER_SECONDS_MAX;
}

const TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/** A thrown error of the transport or the parser as a failure. Its text stays inside: it may quote the body. */
export function failureOf(error: unknown): ProviderFailure {
  const none = { status: 0, message: '', code: null, retryAfterSeconds: null };
  if (isAppError(error)) return { ...none, kind: 'invalid_response', status: 200 };
  if (error instanceof AuthorizationFailed) return { ...none, kind: 'unauthenticated', message: error.message };
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code !== null && TIMEOUTS.has(code)) return { ...none, kind: 'timeout' };
  return { ...none, kind: error instanceof RangeError ? 'invalid_response' : 'connection_failed' };
}

import type { AppError } from '@bourse/errors';
import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { parseJson } from '../parse-json.ts';
import { decodeError as decodeAnyError, failureInBody, type ProviderFailure } from '../provider-failure.ts';

/** Google's words for HTTP statuses (https://cloud.google.com/apis/design/errors#error_codes, read 2026-11). */
const WORDS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'FAILED_PRECONDITION',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/**
 * The error body of Google's APIs. What kind of error it is in our words, and our facts about it, are in `details`. An `internal` error
 * shows no facts; `detail` and `cause` never leave.
 */
export function encodeError(error: AppError, { generationId }: { readonly generationId: string | null }): JsonObject {
  const { status, type } = error.rule;
  const facts = error.code === 'internal' ? {} : (error.metadata as JsonObject); // structured facts for JSON by its contract
  const info: JsonObject = {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason: type.toUpperCase(),
    domain: 'bourse',
    metadata: { ...facts, ...(generationId === null ? {} : { generation_id: generationId }) },
  };
  return {
    error: { code: status, message: error.message, status: WORDS[status] ?? 'INVALID_ARGUMENT', details: [info] },
  };
}

/** Keys and projects that Google names in its sentences. */
const SECRETS = /AIza[\w-]{10,}|\bprojects?[/_: ](?:number[:= ]*)?[\w-]{4,}|consumer '[^']*'/gi;

/** The error object, also where a stream that was not asked for as events answers with a list of one. */
function errorIn(body: unknown): JsonObject | null {
  const root: unknown = Array.isArray(body) ? body[0] : body;
  const error = isJsonObject(root) ? root['error'] : undefined;
  return isJsonObject(error) ? error : null;
}

function detailsOf(error: JsonObject): JsonObject[] {
  const { details } = error;
  return Array.isArray(details) ? details.filter(isJsonObject) : [];
}

function reasonsOf(error: JsonObject): ReadonlySet<JsonValue | undefined> {
  return new Set(detailsOf(error).map((detail) => detail['reason']));
}

/** Seconds of a `RetryInfo` such as `{"retryDelay":"34.07s"}`. */
function retryDelay(error: JsonObject): number | null {
  for (const { retryDelay: delay } of detailsOf(error)) {
    if (typeof delay === 'string' && /^\d{1,6}(\.\d+)?s$/.test(delay)) return Math.ceil(Number.parseFloat(delay));
  }
  return null;
}

/** Refusals of our account that Google answers with 400, as if the request were to blame. */
function kindOf(failure: ProviderFailure, error: JsonObject): ProviderFailure['kind'] {
  const reasons = reasonsOf(error);
  if (reasons.has('API_KEY_INVALID') || reasons.has('API_KEY_EXPIRED')) return 'unauthenticated';
  if (failure.kind !== 'invalid_request') return failure.kind;
  if (/API key (?:not valid|expired)/i.test(failure.message)) return 'unauthenticated';
  // Where we may not call from, or an account without billing.
  return error['status'] === 'FAILED_PRECONDITION' ? 'forbidden' : failure.kind;
}

function refined(failure: ProviderFailure, error: JsonObject | null): ProviderFailure {
  if (error === null) return failure;
  const { status } = error;
  return {
    ...failure,
    kind: kindOf(failure, error),
    message: failure.message.replace(SECRETS, '[redacted]'),
    code: typeof status === 'string' && status !== '' ? status.slice(0, 100) : failure.code,
    retryAfterSeconds: failure.retryAfterSeconds ?? retryDelay(error),
  };
}

/** Classifies Google's "no". Never throws. */
export function decodeError(
  status: number,
  body: string,
  headers: Readonly<Record<string, string | undefined>>,
): ProviderFailure {
  return refined(decodeAnyError(status, body, headers), errorIn(parseJson(body)));
}

/** The failure that a body or a piece of a stream reports under HTTP 200; null when it reports none. */
export function failureIn(body: unknown): ProviderFailure | null {
  const error = errorIn(body);
  return error === null ? null : refined(failureInBody({ error }), error);
}

import type { AppError } from '@bourse/errors';
import type { JsonObject } from '@bourse/generation';
import { eventFrame } from './frames.ts';

/** OpenRouter's words in Anthropic's (https://docs.claude.com/en/api/errors, read 2026-11). */
const TYPES: Readonly<Record<string, string>> = {
  authentication: 'authentication_error',
  permission_denied: 'permission_error',
  payment_required: 'billing_error',
  not_found: 'not_found_error',
  rate_limit_exceeded: 'rate_limit_error',
  provider_overloaded: 'overloaded_error',
  timeout: 'timeout_error',
  payload_too_large: 'request_too_large',
};

function typeOf({ status, type }: AppError['rule']): string {
  return TYPES[type] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
}

/**
 * Anthropic's error body with OpenRouter's `error_type`, `metadata` and `availability` in it; `request_id` is the id of the generation. An
 * `internal` error shows no metadata; `detail` and `cause` never leave.
 */
export function encodeError(error: AppError, context: { readonly generationId: string | null }): JsonObject {
  const { rule } = error;
  const { availability, ...facts } = error.code === 'internal' ? { availability: undefined } : error.metadata;
  const body: Record<string, unknown> = {
    type: 'error',
    error: {
      type: typeOf(rule),
      message: error.message,
      error_type: rule.type,
      ...(Object.keys(facts).length === 0 ? {} : { metadata: facts }),
      ...(availability === undefined ? {} : { availability }),
    },
    request_id: context.generationId,
  };
  return body as JsonObject; // AppError metadata is structured facts for JSON by its contract.
}

/** The event that ends a stream whose status is already spent. */
export function errorFrame(error: AppError, generationId: string): string {
  return eventFrame({ ...encodeError(error, { generationId }), type: 'error' });
}

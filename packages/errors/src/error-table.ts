/** What a code means on the wire: the HTTP status, OpenRouter's `error_type` word, and whether a retry may help. */
export interface ErrorRule {
  readonly status: number;
  /** OpenRouter's stable vocabulary (reference: its error guide), so that its clients can switch on it. */
  readonly type: string;
  readonly retryable: boolean;
}

/** Every reason for which Bourse says no. Adding a row is the only way to add an error. */
export const errorTable = {
  invalid_request: { status: 400, type: 'invalid_request', retryable: false },
  model_not_found: { status: 400, type: 'invalid_request', retryable: false },
  context_length_exceeded: { status: 400, type: 'context_length_exceeded', retryable: false },
  image_download_failed: { status: 400, type: 'image_download_failed', retryable: false },
  image_too_large: { status: 400, type: 'image_too_large', retryable: false },
  unsupported_image_format: { status: 400, type: 'unsupported_image_format', retryable: false },
  unauthenticated: { status: 401, type: 'authentication', retryable: false },
  insufficient_credits: { status: 402, type: 'payment_required', retryable: false },
  key_limit_exceeded: { status: 402, type: 'payment_required', retryable: false },
  max_cost_reached: { status: 402, type: 'payment_required', retryable: false },
  forbidden: { status: 403, type: 'permission_denied', retryable: false },
  organization_frozen: { status: 403, type: 'permission_denied', retryable: false },
  not_found: { status: 404, type: 'not_found', retryable: false },
  image_not_found: { status: 404, type: 'image_not_found', retryable: false },
  no_endpoint_allowed: { status: 404, type: 'not_found', retryable: false },
  method_not_allowed: { status: 405, type: 'invalid_request', retryable: false },
  request_timeout: { status: 408, type: 'timeout', retryable: true },
  conflict: { status: 409, type: 'precondition_failed', retryable: false },
  payload_too_large: { status: 413, type: 'payload_too_large', retryable: false },
  unsupported_media_type: { status: 415, type: 'invalid_request', retryable: false },
  unprocessable: { status: 422, type: 'unprocessable', retryable: false },
  rate_limited: { status: 429, type: 'rate_limit_exceeded', retryable: true },
  internal: { status: 500, type: 'server', retryable: false },
  provider_failed: { status: 502, type: 'provider_unavailable', retryable: true },
  service_unavailable: { status: 503, type: 'provider_overloaded', retryable: true },
  no_endpoint_available: { status: 503, type: 'provider_overloaded', retryable: true },
  provider_timeout: { status: 504, type: 'timeout', retryable: true },
} as const satisfies Record<string, ErrorRule>;

/** A row of the table. */
export type ErrorCode = keyof typeof errorTable;

import type { ErrorCode } from '@bourse/errors';

/** What each code means to whoever gets it, in one sentence. A code without a sentence does not compile. */
export const errorMeanings: Record<ErrorCode, string> = {
  invalid_request: 'A field is missing or wrong. The message names its path.',
  model_not_found: 'No model has this slug.',
  context_length_exceeded: 'The prompt does not fit into the context of any endpoint.',
  image_download_failed:
    'A picture, video or file that is named by URL could not be downloaded. Send it as a data URL.',
  image_not_found: 'There is nothing at the URL of a picture, video or file.',
  image_too_large: 'What is at a URL is larger than what is downloaded for a request.',
  unsupported_image_format: 'What is at a URL is not what it is said to be, or of a kind that models do not read.',
  unauthenticated: 'The key is missing, mistyped, revoked or expired.',
  insufficient_credits: 'The credits do not cover the request. Buy some, or ask for fewer tokens.',
  key_limit_exceeded: 'The key has spent its own limit.',
  max_cost_reached: 'The request would cost more than the max_cost that it set, or its answer did.',
  forbidden: 'The key may not do this: a management key cannot call models, and the other way round.',
  organization_frozen: 'The organization has been frozen by the operator.',
  not_found: 'There is nothing at this address.',
  no_endpoint_allowed: 'Endpoints exist, but your preferences leave none of them. The metadata says why.',
  method_not_allowed: 'The address exists, but not for this method.',
  request_timeout: 'The request did not arrive in time.',
  conflict: 'It contradicts something that happened before, such as the same idempotency key with another body.',
  payload_too_large: 'The body is larger than the market accepts.',
  unsupported_media_type: 'The body is not JSON.',
  unprocessable: 'The request is well-formed, but makes no sense.',
  rate_limited: 'Too many requests. Wait as long as Retry-After says.',
  internal: 'Something failed on our side. It is logged; nothing was charged.',
  provider_failed: 'Every endpoint that was tried failed.',
  service_unavailable: 'The market cannot take requests now, for instance while it restarts.',
  no_endpoint_available: 'No endpoint of the model can be called now.',
  provider_timeout: 'The provider did not answer in time.',
};

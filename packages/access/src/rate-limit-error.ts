import { AppError } from '@bourse/errors';

/** What a request ran into. */
export interface RateLimitFacts {
  /** Programs read it as `metadata.limit_source`. */
  readonly source: RateLimitSource;
  /** Units in a period; what `X-RateLimit-Limit` says. */
  readonly limit: number;
  /** Milliseconds until it may be tried again. */
  readonly waitMs: number;
  /** Milliseconds since 1970 at which nothing of the limit is used any more. */
  readonly resetsAtMs: number;
  /** Uniform in 0..1: those who were refused together must not come back together. */
  readonly draw: number;
}

/** Whose limit it is, and of what. */
export type RateLimitSource =
  | 'address_requests'
  | 'address_failed_authentication'
  | 'key_requests'
  | 'organization_requests'
  | 'organization_tokens'
  | 'organization_streams'
  | 'free_requests'
  | 'free_requests_per_day'
  | 'key_creation'
  | 'checkout'
  | 'sign_in';

/** The sentence, and what helps; null when only waiting does. */
const words: Readonly<Record<RateLimitSource, readonly [sentence: (limit: number) => string, hint: string | null]>> = {
  address_requests: [(limit) => `Too many requests from this address: ${limit} a second.`, null],
  address_failed_authentication: [
    (limit) => `Too many requests without a valid API key from this address: ${limit} a minute.`,
    'Check the API key.',
  ],
  key_requests: [(limit) => `This API key is limited to ${limit} requests a minute.`, 'Raise the limit of the key.'],
  organization_requests: [
    (limit) => `This organization is limited to ${limit} requests a minute.`,
    'Spread requests over time, or ask for a higher limit.',
  ],
  organization_tokens: [
    (limit) =>
      `This organization is limited to ${limit} tokens a minute; a request counts with the most that it may use.`,
    'Lower max_tokens, or ask for a higher limit.',
  ],
  organization_streams: [
    (limit) => `This organization has ${limit} requests running, as many as it may at once.`,
    'Wait for one of them to end, or ask for a higher limit.',
  ],
  // These begin as OpenRouter's do, because clients look for it.
  free_requests: [
    (limit) => `Rate limit exceeded: free-models-per-min. Free models take ${limit} requests a minute.`,
    'Use the model without ":free".',
  ],
  free_requests_per_day: [
    (limit) => `Rate limit exceeded: free-models-per-day. Free models take ${limit} requests a day (UTC).`,
    'Buy credits to raise the limit, or use the model without ":free".',
  ],
  key_creation: [(limit) => `An organization can create ${limit} API keys an hour.`, null],
  checkout: [(limit) => `An organization can open ${limit} checkouts an hour.`, null],
  sign_in: [(limit) => `Too many sign-in links were asked for: ${limit} an hour can be sent.`, null],
};

const MINUTE_S = 60;

/** Up to a quarter more than the wait, and a second at least. */
function retryAfterSeconds(waitMs: number, draw: number): number {
  return Math.max(1, Math.ceil((waitMs * (1 + draw / 4)) / 1_000));
}

/**
 * The 429 of a limit of ours. `metadata.headers` repeats the headers as OpenRouter does; `limit_source` and `remedy_hint` say whose limit it is and
 * what helps. A provider's 429 has `provider_name` instead.
 */
export function rateLimitError({ source, limit, waitMs, resetsAtMs, draw }: RateLimitFacts): AppError {
  const [sentence, hint] = words[source];
  const seconds = retryAfterSeconds(waitMs, draw);
  const wait = seconds > 2 * MINUTE_S ? `in ${Math.ceil(seconds / MINUTE_S)} minutes` : `after ${seconds} s`;
  return new AppError('rate_limited', `${sentence(limit)} Retry ${wait}.`, {
    retryAfterSeconds: seconds,
    metadata: {
      limit_source: source,
      ...(hint === null ? {} : { remedy_hint: hint }),
      headers: {
        'X-RateLimit-Limit': String(limit),
        'X-RateLimit-Remaining': '0',
        'X-RateLimit-Reset': String(Math.ceil(resetsAtMs)),
      },
    },
  });
}

import { AppError } from '@bourse/errors';
import type { InferenceRequest } from '../generate/request.ts';

/** What a client wants of the response cache. */
export interface CacheWish {
  /** How long the answer is kept, 1,000..86,400,000. */
  readonly ttlMs: number;
  /** What is kept is thrown away first. */
  readonly isCleared: boolean;
}

type Header = InferenceRequest['header'];

/** OpenRouter's bounds and default (its guide to response caching, read 2026-08). */
const TTL_SECONDS_DEFAULT = 300;
const TTL_SECONDS_MAX = 86_400;

/** Under our name or OpenRouter's; ours wins. */
function said(header: Header, name: 'cache' | 'cache-ttl' | 'cache-clear'): string | null {
  return header(`x-bourse-${name}`) ?? header(`x-openrouter-${name}`);
}

function isTrue(value: string | null): boolean {
  return value !== null && value.trim().toLowerCase() === 'true';
}

function ttlOf(value: string | null): number {
  const seconds = value === null ? TTL_SECONDS_DEFAULT : Number(value);
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= TTL_SECONDS_MAX) return seconds * 1000;
  const message = `X-Bourse-Cache-TTL must be a whole number of seconds from 1 to ${TTL_SECONDS_MAX}.`;
  throw new AppError('invalid_request', message, { metadata: { header: 'x-bourse-cache-ttl' } });
}

/** Null for a request that does not ask for the cache: two look-ups of a header. Throws 400 for a time to live that is none. */
export function cacheWish(header: Header): CacheWish | null {
  if (!isTrue(header('x-bourse-cache') ?? header('x-openrouter-cache'))) return null;
  return { ttlMs: ttlOf(said(header, 'cache-ttl')), isCleared: isTrue(said(header, 'cache-clear')) };
}

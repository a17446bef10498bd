import { AppError } from '@bourse/errors';

const LEAST_MS = 1_000;
const MOST_MS = 15 * 60_000;

/**
 * How long a request may take in all: what the client says in `X-Timeout-Ms`, and never more than the gateway's own limit. Throws `invalid_request`
 * for anything but whole milliseconds from one second to fifteen minutes.
 */
export function totalTimeoutMs(header: (name: string) => string | null, limitMs: number): number {
  const text = header('x-timeout-ms');
  if (text === null) return limitMs;
  const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (ms >= LEAST_MS && ms <= MOST_MS) return Math.min(ms, limitMs);
  throw new AppError('invalid_request', `X-Timeout-Ms must be whole milliseconds from ${LEAST_MS} to ${MOST_MS}.`, {
    metadata: { header: 'X-Timeout-Ms' },
  });
}

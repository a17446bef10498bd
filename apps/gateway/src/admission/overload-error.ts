import { AppError } from '@bourse/errors';

const WAIT_SECONDS_MIN = 1;
const WAIT_SECONDS_MAX = 5;

const sentences = {
  overloaded: 'The service is busy and takes no further requests for a moment.',
  free_under_pressure: 'The service is busy and answers no free requests for a moment.',
} as const;

/**
 * The 503 of a process that has no room; programs read `metadata.reason`. `draw` is uniform in 0..1: those who were turned away together come
 * back in one to five seconds, not together.
 */
export function overloadError(reason: keyof typeof sentences, draw: number): AppError {
  const span = WAIT_SECONDS_MAX - WAIT_SECONDS_MIN + 1;
  const retryAfterSeconds = Math.min(WAIT_SECONDS_MAX, WAIT_SECONDS_MIN + Math.floor(draw * span));
  return new AppError('service_unavailable', sentences[reason], { metadata: { reason }, retryAfterSeconds });
}

import { randomBase62 } from '@bourse/ids';

const DAY_MS = 86_400_000;

/** A session that nobody uses ends after this. */
export const SESSION_IDLE_MS = 7 * DAY_MS;

/** A session ends after this, used or not. */
export const SESSION_ABSOLUTE_MS = 30 * DAY_MS;

/** How much of the idle time must have passed before it is written down again: one write per session and day. */
const SLIDE_AFTER_MS = DAY_MS;

/**
 * The token of a new session: 256 random bits, and when it began, in seconds since 1970. The time travels in the token because the
 * database knows the token only as a hash: a browser that writes another time into it holds the token of no session.
 */
export function newSessionToken(nowMs: number): string {
  return `${Math.floor(nowMs / 1000)}.${randomBase62(43)}`;
}

/** When the session of this token ends at the latest; null when the token is not one of ours. */
export function sessionEndsBy(token: string): Date | null {
  const [, seconds] = /^(\d{9,11})\.[0-9A-Za-z]{43}$/.exec(token) ?? [];
  return seconds === undefined ? null : new Date(Number(seconds) * 1000 + SESSION_ABSOLUTE_MS);
}

/** When the session ends if nobody uses it from now on; null when it is over already, or the token is not one of ours. */
export function sessionExpiry(token: string, nowMs: number): Date | null {
  const endsBy = sessionEndsBy(token);
  if (endsBy === null || endsBy.getTime() <= nowMs) return null;
  return new Date(Math.min(endsBy.getTime(), nowMs + SESSION_IDLE_MS));
}

/** Whether the stored end of a session is so old that it is worth a write to move it to `expiry`. */
export function isDueToSlide(stored: Date, expiry: Date): boolean {
  return expiry.getTime() - stored.getTime() >= SLIDE_AFTER_MS;
}

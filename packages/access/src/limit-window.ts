/** When the spending limit of a key starts anew: at UTC midnight, on Monday, on the first of the month. */
export type LimitReset = 'daily' | 'weekly' | 'monthly';

/** The span in which spending counts against a limit. Both ends are null for a limit that never starts anew. */
export interface LimitWindow {
  readonly startsAt: Date | null;
  /** The first moment that is no longer part of it. */
  readonly resetsAt: Date | null;
}

const SUNDAY = 0;

/**
 * The window around a moment in milliseconds since 1970: a UTC day, a week from Monday, a calendar month. The same rules as
 * `bourse_window_from` in the database, which decides; this one is for telling people.
 */
export function limitWindow(reset: LimitReset | null, nowMs: number): LimitWindow {
  if (reset === null) return { startsAt: null, resetsAt: null };
  const now = new Date(nowMs);
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  if (reset === 'monthly') return span(Date.UTC(year, month), Date.UTC(year, month + 1));
  if (reset === 'daily') return span(Date.UTC(year, month, day), Date.UTC(year, month, day + 1));
  const weekday = now.getUTCDay();
  const monday = day - (weekday === SUNDAY ? 6 : weekday - 1);
  return span(Date.UTC(year, month, monday), Date.UTC(year, month, monday + 7));
}

/** When a limit starts anew next, seen from a moment in milliseconds since 1970; null = never. */
export function limitResetsAt(reset: LimitReset | null, nowMs: number): Date | null {
  return limitWindow(reset, nowMs).resetsAt;
}

function span(startMs: number, endMs: number): LimitWindow {
  return { startsAt: new Date(startMs), resetsAt: new Date(endMs) };
}

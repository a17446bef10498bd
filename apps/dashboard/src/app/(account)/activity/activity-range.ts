import type { ActivityPeriod, ActivityQuery } from './search-params.ts';

const DAY_MS = 86_400_000;

const periodDays: Readonly<Record<ActivityPeriod, number | null>> = { day: 1, week: 7, month: 30, all: null };

/** The time that the page looks at: from inclusive, to exclusive, null = no bound. Chosen days count whole, both of them. */
export function activityRange(
  query: Pick<ActivityQuery, 'period' | 'from' | 'to'>,
  now: Date,
): { from: Date | null; to: Date | null } {
  if (query.from !== null || query.to !== null) {
    return {
      from: query.from === null ? null : startOf(query.from),
      to: query.to === null ? null : new Date(startOf(query.to).getTime() + DAY_MS),
    };
  }
  const days = periodDays[query.period];
  return { from: days === null ? null : new Date(now.getTime() - days * DAY_MS), to: null };
}

const startOf = (day: string) => new Date(`${day}T00:00:00Z`);

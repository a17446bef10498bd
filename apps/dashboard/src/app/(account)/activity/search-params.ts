import { createLoader, createParser, createSerializer, parseAsString, parseAsStringLiteral } from 'nuqs/server';

/** How generations end, as the URL and the filter know it. */
export const ends = ['finished', 'upstream_error', 'client_cancelled', 'timeout', 'rejected'] as const;

/** The orders of the list. */
export const activitySorts = ['newest', 'oldest', 'charge', 'tokens'] as const;

/** How far back the page looks when no days are chosen. */
export const activityPeriods = ['day', 'week', 'month', 'all'] as const;
export type ActivityPeriod = (typeof activityPeriods)[number];

/** A day in UTC that exists: "2026-02-29" is not one. */
const parseAsDay = createParser({
  parse: (text) => {
    const at = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
    return at !== null && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? text : null;
  },
  serialize: (day) => day,
});

/** Everything that the page remembers, all of it in the URL. */
export const activityParams = {
  model: parseAsString,
  key: parseAsString,
  end: parseAsStringLiteral(ends),
  period: parseAsStringLiteral(activityPeriods).withDefault('month'),
  /** First and last day, UTC; one of them is enough, and either wins over the period. */
  from: parseAsDay,
  to: parseAsDay,
  sort: parseAsStringLiteral(activitySorts).withDefault('newest'),
  cursor: parseAsString,
};

/** Reads the state of the page from its URL. Nonsense in the URL is the default. */
export const loadActivityParams = createLoader(activityParams);

/** Writes a link to the page in another state; defaults are left out. */
export const activityHref = createSerializer(activityParams);

/** The state of the page. */
export type ActivityQuery = Awaited<ReturnType<typeof loadActivityParams>>;

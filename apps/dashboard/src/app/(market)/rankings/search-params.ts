import { createLoader, createSerializer, parseAsBoolean, parseAsStringLiteral } from 'nuqs/server';

/** How far the rankings look back. */
export const periods = ['day', 'week', 'month'] as const;
export type Period = (typeof periods)[number];

/** The state of the page, in the URL. */
export const rankingsParams = {
  period: parseAsStringLiteral(periods).withDefault('week'),
  /** The whole leaderboard and not only its top. */
  all: parseAsBoolean.withDefault(false),
};

/** Reads it. */
export const loadRankingsParams = createLoader(rankingsParams);

/** Writes a link to another state. */
export const rankingsHref = createSerializer(rankingsParams);

/** The state of the page. */
export type RankingsQuery = Awaited<ReturnType<typeof loadRankingsParams>>;

/** How each period is spoken of. `bucket` is the width of one bar. */
export const periodWords: Record<Period, { label: string; last: string; before: string; bucket: string }> = {
  day: { label: 'Day', last: 'last 24 hours', before: 'the 24 hours before', bucket: 'hour' },
  week: { label: 'Week', last: 'last 7 days', before: 'the 7 days before', bucket: 'day' },
  month: { label: 'Month', last: 'last 30 days', before: 'the 30 days before', bucket: 'day' },
};

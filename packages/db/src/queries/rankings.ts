import { nanodollars } from '@bourse/money';
import type { Pool } from 'pg';
import type { Connection } from '../connection.ts';
import type {
  AppRank,
  AuthorShare,
  ModelRank,
  ModelUsageDay,
  RankingPeriod,
  RankingStore,
  RankingsDailyRow,
  TokensInBucket,
} from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';
import { rebuildRollups, refreshRollups } from './rollups.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 200;
const TOP_DAILY = 50;

/** Where a period is read: a day from the hours, longer ones from the days, so that a page reads some thousand rows at most. */
interface PeriodSource {
  readonly table: 'rollup_hourly' | 'rollup_daily';
  readonly from: Date;
  /** The start of the period before, for the change. */
  readonly before: Date;
  readonly to: Date;
}

function sourceOf(period: RankingPeriod, now: Date): PeriodSource {
  const isDay = period === 'day';
  const stepMs = isDay ? HOUR_MS : DAY_MS;
  const steps = { day: 24, week: 7, month: 30 }[period];
  // The current bucket counts, so the newest request is in the ranking.
  const toMs = Math.floor(now.getTime() / stepMs) * stepMs + stepMs;
  return {
    table: isDay ? 'rollup_hourly' : 'rollup_daily',
    from: new Date(toMs - steps * stepMs),
    before: new Date(toMs - 2 * steps * stepMs),
    to: new Date(toMs),
  };
}

function limitOf(limit: number | undefined): number {
  return Math.min(Math.max(Math.trunc(limit ?? LIMIT_DEFAULT), 1), LIMIT_MAX);
}

async function topModels(
  pool: Pool,
  query: { period: RankingPeriod; now: Date; limit?: number },
): Promise<readonly ModelRank[]> {
  const { table, from, before, to } = sourceOf(query.period, query.now);
  const { rows } = await pool.query<{
    model_slug: string;
    requests: string;
    input: string;
    output: string;
    previous: string;
  }>(
    `SELECT model_slug,
            coalesce(sum(requests) FILTER (WHERE bucket_at >= $1), 0) AS requests,
            coalesce(sum(input_tokens) FILTER (WHERE bucket_at >= $1), 0) AS input,
            coalesce(sum(output_tokens) FILTER (WHERE bucket_at >= $1), 0) AS output,
            coalesce(sum(input_tokens + output_tokens) FILTER (WHERE bucket_at < $1), 0) AS previous
       FROM ${table} WHERE bucket_at >= $2 AND bucket_at < $3
      GROUP BY model_slug HAVING sum(input_tokens + output_tokens) FILTER (WHERE bucket_at >= $1) > 0
      ORDER BY sum(input_tokens + output_tokens) FILTER (WHERE bucket_at >= $1) DESC, model_slug LIMIT $4`,
    [from, before, to, limitOf(query.limit)],
  );
  return rows.map((row, index) => {
    const tokens = Number(row.input) + Number(row.output);
    const previous = Number(row.previous);
    return {
      rank: index + 1,
      modelSlug: row.model_slug,
      requests: Number(row.requests),
      inputTokens: Number(row.input),
      outputTokens: Number(row.output),
      tokens,
      change: previous === 0 ? null : tokens / previous - 1,
    };
  });
}

async function tokensByModelOverTime(
  pool: Pool,
  query: { period: RankingPeriod; now: Date; limit?: number },
): Promise<readonly TokensInBucket[]> {
  const { table, from, to } = sourceOf(query.period, query.now);
  const { rows } = await pool.query<{ bucket_at: Date; model: string; tokens: string }>(
    `WITH largest AS (
       SELECT model_slug FROM ${table} WHERE bucket_at >= $1 AND bucket_at < $2
        GROUP BY model_slug ORDER BY sum(input_tokens + output_tokens) DESC, model_slug LIMIT $3)
     SELECT r.bucket_at, coalesce(l.model_slug, 'other') AS model, sum(r.input_tokens + r.output_tokens) AS tokens
       FROM ${table} r LEFT JOIN largest l USING (model_slug)
      WHERE r.bucket_at >= $1 AND r.bucket_at < $2
      GROUP BY 1, 2 HAVING sum(r.input_tokens + r.output_tokens) > 0 ORDER BY 1, 3 DESC`,
    [from, to, limitOf(query.limit)],
  );
  return rows.map((row) => ({ bucketAt: row.bucket_at, modelSlug: row.model, tokens: Number(row.tokens) }));
}

async function marketShareByAuthor(
  pool: Pool,
  query: { period: RankingPeriod; now: Date },
): Promise<readonly AuthorShare[]> {
  const { table, from, to } = sourceOf(query.period, query.now);
  const { rows } = await pool.query<{ author: string; tokens: string }>(
    `SELECT split_part(model_slug, '/', 1) AS author, sum(input_tokens + output_tokens) AS tokens
       FROM ${table} WHERE bucket_at >= $1 AND bucket_at < $2
      GROUP BY 1 HAVING sum(input_tokens + output_tokens) > 0 ORDER BY 2 DESC, 1`,
    [from, to],
  );
  const total = rows.reduce((sum, row) => sum + Number(row.tokens), 0);
  return rows.map((row) => ({ authorSlug: row.author, tokens: Number(row.tokens), share: Number(row.tokens) / total }));
}

async function topApps(
  pool: Pool,
  query: { period: RankingPeriod; now: Date; limit?: number; modelSlug?: string },
): Promise<readonly AppRank[]> {
  const { table, from, to } = sourceOf(query.period, query.now);
  const { rows } = await pool.query<{
    id: number;
    url: string;
    title: string;
    is_demo: boolean;
    requests: string;
    tokens: string;
  }>(
    `SELECT a.id, a.url, a.title, a.is_demo, sum(r.requests) AS requests, sum(r.input_tokens + r.output_tokens) AS tokens
       FROM ${table} r JOIN app a ON a.id = r.app_id
      WHERE r.bucket_at >= $1 AND r.bucket_at < $2 AND ($3::text IS NULL OR r.model_slug = $3)
      GROUP BY a.id ORDER BY 6 DESC, a.id LIMIT $4`,
    [from, to, query.modelSlug ?? null, limitOf(query.limit)],
  );
  return rows.map((row, index) => ({
    rank: index + 1,
    app: { id: row.id, url: row.url, title: row.title, isDemo: row.is_demo },
    requests: Number(row.requests),
    tokens: Number(row.tokens),
  }));
}

async function rankingsDaily(
  pool: Pool,
  range: { startDate: string; endDate: string },
): Promise<readonly RankingsDailyRow[]> {
  const { rows } = await pool.query<{ date: string; model: string; tokens: string }>(
    `WITH days AS (
       SELECT bucket_at, model_slug, sum(input_tokens + output_tokens) AS tokens,
              row_number() OVER (PARTITION BY bucket_at ORDER BY sum(input_tokens + output_tokens) DESC, model_slug) AS place
         FROM rollup_daily
        WHERE bucket_at >= $1::date::timestamp AT TIME ZONE 'UTC' AND bucket_at < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
        GROUP BY bucket_at, model_slug)
     SELECT to_char(bucket_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS date,
            CASE WHEN place <= ${TOP_DAILY} THEN model_slug ELSE 'other' END AS model, sum(tokens) AS tokens
       FROM days GROUP BY 1, 2, place > ${TOP_DAILY} HAVING sum(tokens) > 0
      ORDER BY 1, place > ${TOP_DAILY}, 3 DESC, 2`,
    [range.startDate, range.endDate],
  );
  return rows.map((row) => ({ date: row.date, modelSlug: row.model, tokens: Number(row.tokens) }));
}

const USAGE_DAYS_DEFAULT = 30;

async function modelUsage(
  pool: Pool,
  query: { modelSlug: string; now: Date; days?: number },
): Promise<readonly ModelUsageDay[]> {
  const to = new Date(Math.floor(query.now.getTime() / DAY_MS) * DAY_MS + DAY_MS);
  const from = new Date(to.getTime() - (query.days ?? USAGE_DAYS_DEFAULT) * DAY_MS);
  const { rows } = await pool.query<{
    date: string;
    requests: string;
    input: string;
    output: string;
    reasoning: string;
    charge: string;
  }>(
    `SELECT to_char(bucket_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS date, sum(requests) AS requests, sum(input_tokens) AS input,
            sum(output_tokens) AS output, sum(reasoning_tokens) AS reasoning, sum(charge_nanodollars) AS charge
       FROM rollup_daily WHERE model_slug = $1 AND bucket_at >= $2 AND bucket_at < $3 GROUP BY 1 ORDER BY 1`,
    [query.modelSlug, from, to],
  );
  return rows.map((row) => ({
    date: row.date,
    requests: Number(row.requests),
    inputTokens: Number(row.input),
    outputTokens: Number(row.output),
    reasoningTokens: Number(row.reasoning),
    charge: nanodollars(BigInt(row.charge)),
  }));
}

async function isDemoMarket(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ found: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM rollup_daily WHERE is_demo) AS found',
  );
  return rows[0]?.found ?? false;
}

/** Rankings: reads of rollups, and the making of them. */
export function createRankingStore({ pool }: Pick<Connection, 'pool'>): RankingStore {
  return withDatabaseErrors<RankingStore>({
    refreshRollups: (options = {}) => refreshRollups(pool, options),
    rebuildRollups: (range) => rebuildRollups(pool, range),
    topModels: (query) => topModels(pool, query),
    tokensByModelOverTime: (query) => tokensByModelOverTime(pool, query),
    marketShareByAuthor: (query) => marketShareByAuthor(pool, query),
    topApps: (query) => topApps(pool, query),
    rankingsDaily: (range) => rankingsDaily(pool, range),
    modelUsage: (query) => modelUsage(pool, query),
    isDemoMarket: () => isDemoMarket(pool),
  });
}

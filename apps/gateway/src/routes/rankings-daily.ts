import { AppError } from '@bourse/errors';
import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { callerOf } from './caller.ts';
import { errors, ok, security } from './docs/schemas.ts';

const DAY_MS = 86_400_000;
const DAYS_DEFAULT = 30;
const DAYS_MAX = 366;
const FIRST_DATE = '2025-01-01';

const date = z.iso.date();
const row = z.object({ date, model_permaslug: z.string(), total_tokens: z.string() });
const meta = z.object({
  as_of: z.string(),
  version: z.literal('v1'),
  start_date: date,
  end_date: date,
  is_demo: z.boolean(),
});

const route = createRoute({
  method: 'get',
  path: '/api/v1/datasets/rankings-daily',
  tags: ['Datasets'],
  summary: 'Tokens per model and day',
  description: 'The 50 largest models of each UTC day and `other`; counts are strings because they may exceed 53 bits.',
  security,
  request: { query: z.object({ start_date: date.optional(), end_date: date.optional() }) },
  responses: { 200: ok(z.object({ data: z.array(row), meta }), 'The rows.'), ...errors(400, 401, 503) },
});

function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function rangeOf(query: { start_date?: string | undefined; end_date?: string | undefined }, nowMs: number) {
  const endDate = query.end_date ?? isoDate(nowMs);
  const startDate = query.start_date ?? isoDate(Date.parse(endDate) - (DAYS_DEFAULT - 1) * DAY_MS);
  const days = (Date.parse(endDate) - Date.parse(startDate)) / DAY_MS + 1;
  if (days < 1 || days > DAYS_MAX || startDate < FIRST_DATE) {
    throw new AppError(
      'invalid_request',
      `start_date must be ${FIRST_DATE} or later, and the range 1 to ${DAYS_MAX} days.`,
      {
        metadata: { path: 'start_date' },
      },
    );
  }
  return { startDate, endDate };
}

/** `GET /datasets/rankings-daily`: any key. */
export function registerRankingsDaily(app: GatewayApp, deps: Deps): void {
  app.openapi(route, async (context) => {
    await callerOf(context, 'datasets.read', deps);
    const range = rangeOf(context.req.valid('query'), deps.now());
    const [rows, isDemo] = await Promise.all([deps.db.rankings.rankingsDaily(range), deps.db.rankings.isDemoMarket()]);
    const catalog = deps.catalog();
    const data = rows.map((ranked) => ({
      date: ranked.date,
      model_permaslug: catalog.models.get(ranked.modelSlug)?.canonicalSlug ?? ranked.modelSlug,
      total_tokens: String(ranked.tokens),
    }));
    return context.json(
      {
        data,
        meta: {
          as_of: new Date(deps.now()).toISOString(),
          version: 'v1' as const,
          start_date: range.startDate,
          end_date: range.endDate,
          is_demo: isDemo,
        },
      },
      200,
    );
  });
}

import { createRoute, z } from '@hono/zod-openapi';
import { changeKinds, HOURS_MAX } from '../../catalog/history-query.ts';
import { errors, ok } from './schemas.ts';

const named = z.object({ author: z.string(), slug: z.string() });
const pricing = z.looseObject({ prompt: z.string(), completion: z.string() });
const percentiles = z.object({ p50: z.number(), p75: z.number(), p90: z.number(), p99: z.number() }).nullable();

const priceHistory = z
  .object({
    id: z.string(),
    endpoints: z.array(
      z.object({
        id: z.string(),
        provider_slug: z.string(),
        provider_name: z.string(),
        tag: z.string(),
        is_listed: z.boolean(),
        periods: z.array(
          z.object({
            from: z.iso.datetime(),
            to: z.iso.datetime().nullable().openapi({ description: 'Null: it holds.' }),
            pricing,
            price_source: z.string(),
            price_checked_on: z.iso.date(),
          }),
        ),
      }),
    ),
  })
  .openapi('PriceHistory');

const healthHistory = z
  .object({
    id: z.string(),
    endpoints: z.array(
      z.object({
        id: z.string(),
        provider_name: z.string(),
        tag: z.string(),
        hours: z.array(
          z.object({
            hour: z.iso.datetime(),
            attempts: z.int(),
            uptime: z.number().nullable(),
            latency: percentiles,
            throughput: percentiles,
            tool_success_rate: z.number().nullable(),
          }),
        ),
      }),
    ),
  })
  .openapi('HealthHistory');

const change = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    kind: z.enum(changeKinds),
    model_id: z.string(),
    model_name: z.string(),
    endpoint_id: z.string().nullable(),
    provider_slug: z.string().nullable(),
    provider_name: z.string().nullable(),
    pricing_before: pricing.nullable(),
    pricing_after: pricing.nullable(),
  })
  .openapi('CatalogChange');

/** `GET /models/{author}/{slug}/price-history`. */
export const priceHistoryDoc = createRoute({
  method: 'get',
  path: '/api/v1/models/{author}/{slug}/price-history',
  tags: ['Catalog'],
  summary: 'Every price that a model has had',
  description:
    'By endpoint, newest period first, with the markup of today; endpoints and models that have left are part of it.',
  request: { params: named },
  responses: {
    200: ok(z.object({ data: priceHistory }), 'Prices and the time in which they held.'),
    ...errors(404, 503),
  },
});

/** `GET /models/{author}/{slug}/health-history`. */
export const healthHistoryDoc = createRoute({
  method: 'get',
  path: '/api/v1/models/{author}/{slug}/health-history',
  tags: ['Catalog'],
  summary: 'How the endpoints of a model did, by the hour',
  description: 'UTC hours, oldest first, over all gateways; hours without attempts are left out.',
  request: {
    params: named,
    query: z.object({
      hours: z.int().min(1).max(HOURS_MAX).optional().openapi({ description: 'Hours to look back; 72 by default.' }),
    }),
  },
  responses: { 200: ok(z.object({ data: healthHistory }), 'Uptime, latency and speed.'), ...errors(400, 404, 503) },
});

/** `GET /models/changes`. */
export const changesDoc = createRoute({
  method: 'get',
  path: '/api/v1/models/changes',
  tags: ['Catalog'],
  summary: 'What changed in the catalog',
  description: 'Models and endpoints that came and went, and prices that changed: newest first, as JSON or RSS.',
  request: {
    query: z.object({
      kind: z
        .string()
        .optional()
        .openapi({ description: `Some of ${changeKinds.join(', ')} with commas between.` }),
      model: z.string().optional().openapi({ description: 'The slug of one model.' }),
      before: z.string().optional().openapi({ description: 'The `id` of a change: older ones follow.' }),
      limit: z.int().min(1).max(500).optional(),
      format: z.enum(['json', 'rss']).optional(),
      use_rss: z.enum(['true', 'false']).optional(),
    }),
  },
  responses: {
    200: {
      description: 'The changes.',
      content: {
        'application/json': {
          schema: z.object({ data: z.array(change), links: z.object({ next: z.string().nullable() }) }),
        },
        'application/rss+xml': { schema: z.string() },
      },
    },
    ...errors(400, 503),
  },
});

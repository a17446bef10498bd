import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../app-env.ts';
import { providerRows } from '../catalog/provider-rows.ts';
import { remembered } from '../catalog/remembered.ts';
import { rendered, send } from '../catalog/rendered.ts';
import type { Deps } from '../deps.ts';
import { errors, ok } from './docs/schemas.ts';

const MEASURED_KEPT_MS = 1_000;

const policy = z.object({ training: z.boolean().nullable(), retention_days: z.int().nullable(), zdr: z.boolean() });

const provider = z
  .object({
    name: z.string(),
    slug: z.string(),
    privacy_policy_url: z.string().nullable(),
    terms_of_service_url: z.string().nullable(),
    status_page_url: z.string().nullable(),
    headquarters: z.string().nullable(),
    datacenters: z.array(z.string()),
    is_configured: z.boolean().openapi({ description: 'This market holds a credential: its endpoints can be called.' }),
    is_sandbox: z.boolean(),
    data_policy: policy
      .nullable()
      .openapi({ description: 'Null where its endpoints differ; each endpoint says its own.' }),
    model_count: z.int(),
    endpoint_count: z.int(),
    endpoints_failing: z.int().openapi({ description: 'Those that failed in the last moments.' }),
    is_stopped: z.boolean().openapi({ description: 'None of its endpoints is sold now.' }),
  })
  .openapi('Provider');

const route = createRoute({
  method: 'get',
  path: '/api/v1/providers',
  tags: ['Catalog'],
  summary: 'List the providers',
  responses: { 200: ok(z.object({ data: z.array(provider) }), 'Every provider.'), ...errors(503) },
});

/** `GET /providers`: public. */
export function registerProviders(app: GatewayApp, deps: Deps): void {
  app.openAPIRegistry.registerPath(route);
  // Over all endpoints with their measurements, so once a second at most, and anew for a new snapshot.
  const rows = remembered({ keptMs: MEASURED_KEPT_MS, keysMax: 1, now: deps.now }, async () =>
    rendered(JSON.stringify({ data: providerRows(deps.catalog(), deps) })),
  );
  app.get('/api/v1/providers', async (context) => send(context, await rows(deps.catalog().version)));
}

import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { errors, ok } from './docs/schemas.ts';

const provider = z.object({
  name: z.string(),
  slug: z.string(),
  privacy_policy_url: z.string().nullable(),
  terms_of_service_url: z.string().nullable(),
  status_page_url: z.string().nullable(),
  headquarters: z.string().nullable(),
  datacenters: z.array(z.string()),
  is_configured: z.boolean().openapi({ description: 'This market holds a credential: its endpoints can be called.' }),
});

const route = createRoute({
  method: 'get',
  path: '/api/v1/providers',
  tags: ['Catalog'],
  summary: 'List the providers',
  responses: { 200: ok(z.object({ data: z.array(provider) }), 'Every provider.'), ...errors(503) },
});

/** `GET /providers`: public. */
export function registerProviders(app: GatewayApp, deps: Deps): void {
  app.openapi(route, (context) => {
    const data = [...deps.catalog().providers.values()].map((info) => ({
      name: info.name,
      slug: info.slug,
      privacy_policy_url: info.privacyPolicyUrl,
      terms_of_service_url: info.termsOfServiceUrl,
      status_page_url: info.statusPageUrl,
      headquarters: info.headquarters,
      datacenters: [...info.datacenters],
      is_configured: deps.credentials.has(info.slug),
    }));
    return context.json({ data }, 200);
  });
}

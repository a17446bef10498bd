import type { GatewayApp } from '../app-env.ts';

/** `GET /api/v1/openapi.json`: made from the schemas that the routes themselves are registered with. */
export function registerOpenApi(app: GatewayApp): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
  });
  app.doc31('/api/v1/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Bourse',
      version: '1',
      description: 'One API for every model. Amounts are US dollars; errors have one shape on every route.',
    },
  });
}

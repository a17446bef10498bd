import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';

/** What Hono carries for us: the Node request and response. */
export type AppEnv = { Bindings: HttpBindings };

/** The gateway as a Hono application. */
export type GatewayApp = OpenAPIHono<AppEnv>;

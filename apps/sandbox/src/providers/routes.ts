import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { randomId } from '../identifiers.ts';
import { answerChat, type ProviderDeps } from './chat.ts';
import { ProviderError } from './errors.ts';
import { listModels } from './models.ts';
import { hashHex } from './random.ts';

const BODY_BYTES_MAX = 32 * 1024 * 1024;

/** The key behind `Authorization: Bearer`. Throws `ProviderError` 401 when it is missing or not one of ours. */
function authenticate(authorization: string | undefined): string {
  const key = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
  if (key === undefined) {
    const message =
      "You didn't provide an API key. Send it in the Authorization header: 'Authorization: Bearer YOUR_KEY'.";
    throw new ProviderError(401, { message });
  }
  if (!key.startsWith('sk-sandbox')) {
    const masked = `${key.slice(0, 4)}***${key.slice(-4)}`;
    const message = `Incorrect API key provided: ${masked}. A key of the sandbox begins with sk-sandbox.`;
    throw new ProviderError(401, { message, code: 'invalid_api_key' });
  }
  return key;
}

/** The OpenAI dialect of every simulated provider, to be mounted at `/providers`. */
export function createProviderRoutes(deps: ProviderDeps) {
  const routes = new Hono<{ Bindings: HttpBindings }>();
  const requestId = () => `req_${hashHex(randomId('', 16))}`;

  routes.onError((error) => {
    const refusal =
      error instanceof ProviderError
        ? error
        : new ProviderError(500, { message: 'The sandbox itself failed.', type: 'server_error' });
    if (refusal !== error) console.error(error);
    const headers = { 'content-type': 'application/json', 'x-request-id': requestId() };
    return new Response(JSON.stringify(refusal.body), { status: refusal.status, headers });
  });

  routes.get('/:provider{[a-z0-9][a-z0-9-]*}/v1/models', (c) => {
    authenticate(c.req.header('authorization'));
    c.header('x-request-id', requestId());
    return c.json(listModels(c.req.param('provider')));
  });

  const onError = () => {
    throw new ProviderError(413, { message: 'The request body is larger than 32 MiB.' });
  };
  routes.post(
    '/:provider{[a-z0-9][a-z0-9-]*}/v1/chat/completions',
    bodyLimit({ maxSize: BODY_BYTES_MAX, onError }),
    async (c) => {
      const key = authenticate(c.req.header('authorization'));
      const bodyText = await c.req.text();
      const faultHeader = c.req.header('x-sandbox-fault');
      const { outgoing } = c.env;
      await answerChat({ provider: c.req.param('provider'), key, bodyText, faultHeader, outgoing }, deps);
      return RESPONSE_ALREADY_SENT;
    },
  );

  routes.all('*', (c) => {
    throw new ProviderError(404, { message: `Invalid URL (${c.req.method} ${c.req.path})` });
  });
  return routes;
}

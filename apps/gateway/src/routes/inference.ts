import { generateId, generationId } from '@bourse/ids';
import type { ServedFormat } from '@bourse/wire';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { RouteConfig } from '@hono/zod-openapi';
import type { AppEnv, GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { generate } from '../generate/generate.ts';
import type { InferenceRequest } from '../generate/request.ts';
import { collect } from '../http/collect.ts';
import { errorAnswer } from '../http/error-answer.ts';
import { type SendTimes, sendAnswer } from '../http/send-answer.ts';
import type { InferenceHandler } from '../http/server.ts';
import { idempotent } from '../idempotency/idempotent.ts';
import { Signal } from '../signal.ts';

/** A route under which clients of one dialect ask for generations. */
export interface InferenceRoute {
  /** The whole path, without parameters. */
  readonly path: string;
  readonly wire: ServedFormat;
  /** What `/openapi.json` says of it. */
  readonly doc: RouteConfig;
}

const PREFIX = '/api/v1';

type Exchange = AppEnv['Bindings'];

const HEAD = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-generation-id, x-request-id, retry-after, idempotent-replayed',
};

function headerReader(incoming: AppEnv['Bindings']['incoming']): InferenceRequest['header'] {
  return (name) => {
    const value = incoming.headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
}

/** Set when the connection closes before the answer was finished. */
function hangUpOf(outgoing: AppEnv['Bindings']['outgoing']): Signal {
  const hangUp = new Signal();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) hangUp.set();
  });
  // A socket that breaks while we write must not take the process down.
  outgoing.on('error', () => undefined);
  return hangUp;
}

function headOf(id: string, requestId: string): Readonly<Record<string, string>> {
  return { ...HEAD, 'x-generation-id': id, 'x-request-id': requestId };
}

async function serve(
  { path, wire }: InferenceRoute,
  { incoming, outgoing }: Exchange,
  { deps, sendTimes }: { readonly deps: Deps; readonly sendTimes: SendTimes },
): Promise<void> {
  const route = path.slice(PREFIX.length);
  const receivedAtMs = deps.now();
  let id = generationId(receivedAtMs);
  const requestId = generateId('req');
  const request: InferenceRequest = {
    generationId: id,
    isRetake: false,
    requestId,
    wire,
    header: headerReader(incoming),
    readBody: (bytesMax) => collect(incoming, bytesMax),
    hangUp: hangUpOf(outgoing),
    receivedAtMs,
  };
  const idempotencyKey = request.header('idempotency-key');
  deps.metrics.openGenerations(1);
  try {
    const answer = await (idempotencyKey === null
      ? generate(request, deps)
      : idempotent({ request, idempotencyKey, route, onGeneration: (earlier) => (id = earlier) }, deps));
    await sendAnswer(outgoing, { ...answer, headers: { ...headOf(id, requestId), ...answer.headers } }, sendTimes);
  } catch (thrown) {
    // The third place that catches: every error of an inference route is told in the dialect of its client.
    const answer = errorAnswer(thrown, { wire, generationId: id });
    if (answer.status >= 500) deps.log.error('request.failed', thrown, { requestId, generationId: id });
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(answer.status, { ...headOf(id, requestId), ...answer.headers }).end(answer.body);
  } finally {
    deps.metrics.openGenerations(-1);
    const ms = deps.now() - receivedAtMs;
    deps.metrics.request({ route, status: outgoing.statusCode }, ms / 1000);
    deps.log.info('request', {
      route,
      status: outgoing.statusCode,
      ms,
      requestId,
      generationId: id,
    });
  }
}

/** The handlers for a server that knows the routes by their paths: the way through the router is longer than all that it could do for them. */
export function inferenceHandlers(
  routes: readonly InferenceRoute[],
  deps: Deps,
  sendTimes: SendTimes,
): ReadonlyMap<string, InferenceHandler> {
  return new Map(
    routes.map((route) => [
      route.path,
      (incoming, outgoing) => serve(route, { incoming, outgoing }, { deps, sendTimes }),
    ]),
  );
}

/** The same routes for whoever writes their paths in another way, and their documentation. */
export function registerInference(
  app: GatewayApp,
  routes: readonly InferenceRoute[],
  context: { readonly deps: Deps; readonly sendTimes: SendTimes },
): void {
  for (const route of routes) {
    app.openAPIRegistry.registerPath(route.doc);
    app.post(route.path, async ({ env }) => {
      await serve(route, env, context);
      return RESPONSE_ALREADY_SENT;
    });
  }
}

import type { AppError } from '@bourse/errors';
import type { JsonObject } from '@bourse/generation';
import { generateId, generationId } from '@bourse/ids';
import type { ServedFormat } from '@bourse/wire';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { RouteConfig } from '@hono/zod-openapi';
import type { AppEnv, GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { explainAnswer } from '../explain/explain-answer.ts';
import { metadataMembers } from '../explain/metadata.ts';
import { traceFor } from '../explain/trace.ts';
import { generate } from '../generate/generate.ts';
import type { InferenceRequest } from '../generate/request.ts';
import { collect } from '../http/collect.ts';
import { errorAnswer } from '../http/error-answer.ts';
import { type SendTimes, sendAnswer } from '../http/send-answer.ts';
import type { InferenceHandler } from '../http/server.ts';
import { idempotent } from '../idempotency/idempotent.ts';
import { cacheWish } from '../response-cache/cache-wish.ts';
import { cached } from '../response-cache/cached.ts';
import { Signal } from '../signal.ts';

/** What the URL of a request says that other dialects say in the body. */
export interface UrlReading {
  /** Put into the body before it is decoded, over what is there. */
  readonly fields: JsonObject;
  /** Names what is asked for, model included: the same body at another URL is another request. */
  readonly scope: string;
  /** Reads headers, with the dialect's own places of a key in ours. */
  readonly header: InferenceRequest['header'];
}

/** A route under which clients of one dialect ask for generations. */
export interface InferenceRoute {
  /** The whole path; one with parameters, in the router's words, comes with `readUrl` and a `label`. */
  readonly path: string;
  /** The route's name in metrics and logs; its path behind `/api/v1` where that is absent. */
  readonly label?: string;
  /** Throws an AppError, which is told in the dialect. */
  readonly readUrl?: (url: string, header: InferenceRequest['header']) => UrlReading;
  readonly wire: ServedFormat;
  /** Under which name, beside our own, clients of the dialect look for the id of what they asked for. */
  readonly idHeader?: string;
  /** What `/openapi.json` says of it. */
  readonly doc: RouteConfig;
}

const PREFIX = '/api/v1';

type Exchange = AppEnv['Bindings'];

const HEAD = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'x-generation-id, x-request-id, request-id, retry-after, idempotent-replayed, x-bourse-cache-status, x-bourse-cache-age, ' +
    'x-bourse-cache-ttl, x-bourse-cache-source-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset',
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

function headOf({ idHeader }: InferenceRoute, id: string, requestId: string): Readonly<Record<string, string>> {
  const head = { ...HEAD, 'x-generation-id': id, 'x-request-id': requestId };
  return idHeader === undefined ? head : { ...head, [idHeader]: id };
}

/** Says no before anything was read or made: it must cost next to nothing. */
function turnAway(refusal: AppError, { wire }: InferenceRoute, { incoming, outgoing }: Exchange): void {
  const { status, headers, body } = errorAnswer(refusal, { wire, generationId: null });
  outgoing.on('error', () => undefined);
  outgoing
    .writeHead(status, {
      ...HEAD,
      ...headers,
      'content-length': Buffer.byteLength(body),
      'x-request-id': generateId('req'),
    })
    .end(body);
  // What was refused unread would be taken for the next request on this connection.
  incoming.resume();
}

async function serve(
  inferenceRoute: InferenceRoute,
  { incoming, outgoing, address }: Exchange & { readonly address: string | null },
  { deps, sendTimes }: { readonly deps: Deps; readonly sendTimes: SendTimes },
): Promise<void> {
  const { path, wire } = inferenceRoute;
  const route = inferenceRoute.label ?? path.slice(PREFIX.length);
  const receivedAtMs = deps.now();
  let id = generationId(receivedAtMs);
  const requestId = generateId('req');
  const header = headerReader(incoming);
  const pass = deps.admission.pass(requestId);
  const request: InferenceRequest = {
    generationId: id,
    isRetake: false,
    requestId,
    wire,
    address,
    pass,
    header,
    readBody: (bytesMax) => collect(incoming, bytesMax),
    hangUp: hangUpOf(outgoing),
    receivedAtMs,
    trace: traceFor(header),
  };
  const idempotencyKey = request.header('idempotency-key');
  deps.metrics.openGenerations(1);
  deps.admission.sending(outgoing, true);
  try {
    const said = inferenceRoute.readUrl?.(incoming.url ?? '', request.header);
    const asked = said === undefined ? request : { ...request, header: said.header, fields: said.fields };
    const scope = said?.scope ?? route;
    const wish = cacheWish(asked.header);
    const run: typeof generate =
      wish === null ? generate : (request, deps) => cached({ request, wish, route: scope }, deps);
    const answer = await (idempotencyKey === null
      ? run(asked, deps)
      : idempotent(
          { request: asked, idempotencyKey, route: scope, onGeneration: (earlier) => (id = earlier), run },
          deps,
        ));
    const headers = { ...headOf(inferenceRoute, id, requestId), ...pass.headers, ...answer.headers };
    await sendAnswer(outgoing, { ...explainAnswer(answer, request, deps), headers }, sendTimes);
  } catch (thrown) {
    // The third place that catches: every error of an inference route is told in the dialect of its client.
    const extra = metadataMembers(request.trace, deps);
    const answer = errorAnswer(thrown, { wire, generationId: id, extra });
    if (answer.status >= 500 && !pass.isTurnedAway)
      deps.log.error('request.failed', thrown, { requestId, generationId: id });
    if (outgoing.headersSent) outgoing.destroy();
    else
      outgoing
        .writeHead(answer.status, { ...headOf(inferenceRoute, id, requestId), ...pass.headers, ...answer.headers })
        .end(answer.body);
    // What was refused unread would be taken for the next request on this connection.
    incoming.resume();
  } finally {
    pass.leave();
    deps.admission.sending(outgoing, false);
    deps.metrics.openGenerations(-1);
    const ms = deps.now() - receivedAtMs;
    deps.metrics.request({ route, status: outgoing.statusCode }, ms / 1000);
    deps.log.info('request', { route, status: outgoing.statusCode, ms, requestId, generationId: id });
  }
}

/** The door: who asks too often, or comes when there is no room, is told so before anything is read. */
function enter(
  route: InferenceRoute,
  { incoming, outgoing }: Exchange,
  context: { readonly deps: Deps; readonly sendTimes: SendTimes },
): Promise<void> | void {
  const { admission } = context.deps;
  const address = admission.addressOf(incoming);
  const refusal = admission.turnAwayFromWork(address);
  if (refusal === null) return serve(route, { incoming, outgoing, address }, context);
  turnAway(refusal, route, { incoming, outgoing });
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
      async (incoming, outgoing) => enter(route, { incoming, outgoing }, { deps, sendTimes }),
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
      await enter(route, env, context);
      return RESPONSE_ALREADY_SENT;
    });
  }
}

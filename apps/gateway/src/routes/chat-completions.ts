import { generateId, generationId } from '@bourse/ids';
import { openaiChat } from '@bourse/wire';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
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
import { chatCompletionsDoc } from './docs/inference-docs.ts';

const ROUTE = '/chat/completions';

/** Where the route is. */
export const CHAT_COMPLETIONS_PATH = `/api/v1${ROUTE}`;

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

async function serve({ incoming, outgoing }: Exchange, deps: Deps, sendTimes: SendTimes): Promise<void> {
  const receivedAtMs = deps.now();
  let id = generationId(receivedAtMs);
  const requestId = generateId('req');
  const request: InferenceRequest = {
    generationId: id,
    isRetake: false,
    requestId,
    wire: openaiChat,
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
      : idempotent({ request, idempotencyKey, route: ROUTE, onGeneration: (earlier) => (id = earlier) }, deps));
    await sendAnswer(outgoing, { ...answer, headers: { ...headOf(id, requestId), ...answer.headers } }, sendTimes);
  } catch (thrown) {
    // The third place that catches: every error of an inference route is told in the dialect of its client.
    const answer = errorAnswer(thrown, { wire: openaiChat, generationId: id });
    if (answer.status >= 500) deps.log.error('request.failed', thrown, { requestId, generationId: id });
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(answer.status, { ...headOf(id, requestId), ...answer.headers }).end(answer.body);
  } finally {
    deps.metrics.openGenerations(-1);
    const ms = deps.now() - receivedAtMs;
    deps.metrics.request({ route: ROUTE, status: outgoing.statusCode }, ms / 1000);
    deps.log.info('request', {
      route: ROUTE,
      status: outgoing.statusCode,
      ms,
      requestId,
      generationId: id,
    });
  }
}

/** The same route for a server that knows it by its path: the way through the router is longer than all that a router could do for it. */
export function chatCompletionsHandler(deps: Deps, sendTimes: SendTimes): InferenceHandler {
  return (incoming, outgoing) => serve({ incoming, outgoing }, deps, sendTimes);
}

/** `POST /api/v1/chat/completions`: OpenAI's dialect, streamed or whole. */
export function registerChatCompletions(app: GatewayApp, deps: Deps, sendTimes: SendTimes): void {
  app.openAPIRegistry.registerPath(chatCompletionsDoc);
  app.post(CHAT_COMPLETIONS_PATH, async (context) => {
    await serve(context.env, deps, sendTimes);
    return RESPONSE_ALREADY_SENT;
  });
}

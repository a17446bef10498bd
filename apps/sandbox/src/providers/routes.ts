import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { randomId } from '../identifiers.ts';
import { answerChat, type ProviderDeps } from './chat.ts';
import type { CallPath, Dialect } from './dialect.ts';
import { anthropicMessages } from './dialects/anthropic-messages.ts';
import { bedrockConverse, readConversePath } from './dialects/bedrock-converse.ts';
import { gemini, readModelPath } from './dialects/gemini.ts';
import { openaiChat } from './dialects/openai-chat.ts';
import { openaiResponses } from './dialects/openai-responses.ts';
import { ProviderError } from './errors.ts';
import { listModels } from './models.ts';
import { answerOperation } from './operations/answer-operation.ts';
import { operations } from './operations/index.ts';
import { hashHex } from './random.ts';

const BODY_BYTES_MAX = 32 * 1024 * 1024;

const PROVIDER = '/:provider{[a-z0-9][a-z0-9-]*}';

/** A place where a dialect is spoken, behind `/providers/<provider>`. */
type Place = {
  readonly path: string;
  readonly dialect: Dialect;
  /** What the parameter `call` of the path says, where the path has one. Throws `ProviderError`. */
  readonly readPath?: (call: string) => CallPath;
};

const INFERENCE: readonly Place[] = [
  { path: '/v1/chat/completions', dialect: openaiChat },
  { path: '/v1/responses', dialect: openaiResponses },
  { path: '/v1/messages', dialect: anthropicMessages },
  { path: '/v1/model/:call{.+}', dialect: bedrockConverse, readPath: readConversePath },
  { path: '/v1/models/:call{.+}', dialect: gemini, readPath: readModelPath },
  { path: '/v1/publishers/google/models/:call{.+}', dialect: gemini, readPath: readModelPath },
  {
    path: '/v1/projects/:project/locations/:location/publishers/google/models/:call{.+}',
    dialect: gemini,
    readPath: readModelPath,
  },
];

const PATH_SAYS_NOTHING: CallPath = { model: null, isStreamed: null };

/** The key of a call. Throws `ProviderError` 401 when it is missing or not one of ours. */
function authenticate(key: string | null): string {
  if (key === null) throw new ProviderError(401, { message: "You didn't provide an API key." });
  if (!key.startsWith('sk-sandbox')) {
    const masked = `${key.slice(0, 4)}***${key.slice(-4)}`;
    const message = `Incorrect API key provided: ${masked}. A key of the sandbox begins with sk-sandbox.`;
    throw new ProviderError(401, { message, code: 'invalid_api_key' });
  }
  return key;
}

type Reader = (name: string) => string | undefined;

/** Where a call may carry its key: the headers and the query of the address. */
function placesOf({ req }: Context): readonly [header: Reader, query: Reader] {
  return [(name) => req.header(name), (name) => req.query(name)];
}

const requestId = () => `req_${hashHex(randomId('', 16))}`;

function asRefusal(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  console.error(error);
  return new ProviderError(500, { message: 'The sandbox itself failed.', type: 'server_error' });
}

function refuse(error: unknown, dialect: Dialect): Response {
  const refusal = asRefusal(error);
  const told = dialect.errorHeaders?.(refusal);
  const headers = { 'content-type': 'application/json', 'x-request-id': requestId(), ...told };
  return new Response(JSON.stringify(dialect.errorBody(refusal)), { status: refusal.status, headers });
}

/** The APIs of every simulated provider, to be mounted at `/providers`. */
export function createProviderRoutes(deps: ProviderDeps) {
  const routes = new Hono<{ Bindings: HttpBindings }>();
  routes.onError((error) => refuse(error, openaiChat));

  routes.get(`${PROVIDER}/v1/models`, (c) => {
    authenticate(openaiChat.keyOf(...placesOf(c)));
    c.header('x-request-id', requestId());
    return c.json(listModels(c.req.param('provider')));
  });

  for (const { path, dialect, readPath } of INFERENCE) {
    const tooLarge = () =>
      refuse(new ProviderError(413, { message: 'The request body is larger than 32 MiB.' }), dialect);
    routes.post(`${PROVIDER}${path}`, bodyLimit({ maxSize: BODY_BYTES_MAX, onError: tooLarge }), async (c) => {
      try {
        const [header, query] = placesOf(c);
        const key = authenticate(dialect.keyOf(header, query));
        const bodyText = await c.req.text();
        dialect.verify?.({ method: c.req.method, url: c.req.url, header, bodyText });
        const call = {
          provider: c.req.param('provider') ?? '',
          key,
          dialect,
          path: readPath?.(c.req.param('call') ?? '') ?? PATH_SAYS_NOTHING,
          bodyText,
          faultHeader: c.req.header('x-sandbox-fault'),
          outgoing: c.env.outgoing,
        };
        await answerChat(call, deps);
        return RESPONSE_ALREADY_SENT;
      } catch (error) {
        return refuse(error, dialect);
      }
    });
  }

  for (const operation of operations) {
    const tooLarge = () =>
      refuse(new ProviderError(413, { message: 'The request body is larger than 32 MiB.' }), openaiChat);
    routes.post(
      `${PROVIDER}${operation.path}`,
      bodyLimit({ maxSize: BODY_BYTES_MAX, onError: tooLarge }),
      async (c) => {
        authenticate(openaiChat.keyOf(...placesOf(c)));
        const call = {
          provider: c.req.param('provider') ?? '',
          operation,
          request: c.req.raw,
          faultHeader: c.req.header('x-sandbox-fault'),
          outgoing: c.env.outgoing,
        };
        await answerOperation(call, deps);
        return RESPONSE_ALREADY_SENT;
      },
    );
  }

  routes.all('*', (c) => {
    throw new ProviderError(404, { message: `Invalid URL (${c.req.method} ${c.req.path})` });
  });
  return routes;
}

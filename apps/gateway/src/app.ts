import { AppError, toAppError } from '@bourse/errors';
import { generateId } from '@bourse/ids';
import { openaiChat } from '@bourse/wire';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { cors } from 'hono/cors';
import type { AppEnv, GatewayApp } from './app-env.ts';
import type { Deps } from './deps.ts';
import { errorAnswer } from './http/error-answer.ts';
import type { SendTimes } from './http/send-answer.ts';
import { registerCountTokens } from './routes/count-tokens.ts';
import { registerCredits } from './routes/credits.ts';
import { registerGeminiCountTokens } from './routes/gemini-count-tokens.ts';
import { registerGeneration } from './routes/generation.ts';
import { type Operations, registerHealth } from './routes/health.ts';
import { registerInference } from './routes/inference.ts';
import { inferenceRoutes } from './routes/inference-routes.ts';
import { registerKey } from './routes/key.ts';
import { registerKeys } from './routes/keys.ts';
import { registerModels } from './routes/models.ts';
import { registerOpenApi } from './routes/openapi.ts';
import { registerProviders } from './routes/providers.ts';
import { registerQuote } from './routes/quote.ts';
import { registerRankingsDaily } from './routes/rankings-daily.ts';

/** What the routes need beside the request path's own dependencies. */
export interface AppOptions {
  readonly deps: Deps;
  readonly operations: Operations;
  readonly sendTimes: SendTimes;
}

function render(context: Context<AppEnv>, thrown: unknown, deps: Deps): Response {
  const error = toAppError(thrown);
  const requestId = generateId('req');
  if (error.rule.status >= 500) deps.log.error('request.failed', error, { requestId, path: context.req.path });
  const { status, headers, body } = errorAnswer(error, { wire: openaiChat, generationId: null });
  return new Response(body, {
    status,
    headers: { ...headers, 'access-control-allow-origin': '*', 'x-request-id': requestId },
  });
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
};

/** Builds the application: one line per route, one place for errors. Any web page may call it, because no cookie ever counts here. */
export function createApp({ deps, operations, sendTimes }: AppOptions): GatewayApp {
  const app: GatewayApp = new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      throw new AppError('invalid_request', issue?.message ?? 'The request is not valid.', {
        metadata: { path: issue?.path.join('.') ?? '' },
      });
    },
  });
  // No middleware before inference: a route with a single handler takes Hono's short way.
  app.get('/api/v1/*', cors());
  app.on(['POST', 'PATCH', 'DELETE'], '/api/v1/keys/*', cors());
  app.options('*', () => new Response(null, { status: 204, headers: CORS }));
  app.onError((thrown, context) => render(context, thrown, deps));
  app.notFound((context) =>
    render(context, new AppError('not_found', `There is no ${context.req.method} ${context.req.path}.`), deps),
  );
  registerHealth(app, operations);
  registerInference(app, inferenceRoutes, { deps, sendTimes });
  // Inference has answered by now, with a door of its own; who looks after this process need not ask for leave.
  app.use('/api/*', async ({ env }, next) => {
    const refusal = deps.admission.turnAway(deps.admission.addressOf(env.incoming));
    if (refusal !== null) throw refusal;
    await next();
  });
  registerGeminiCountTokens(app, deps);
  registerCountTokens(app, deps);
  registerQuote(app, deps);
  registerModels(app, deps);
  registerProviders(app, deps);
  registerKey(app, deps);
  registerKeys(app, deps);
  registerCredits(app, deps);
  registerGeneration(app, deps);
  registerRankingsDaily(app, deps);
  registerOpenApi(app);
  return app;
}

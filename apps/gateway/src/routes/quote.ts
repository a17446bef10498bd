import { AppError } from '@bourse/errors';
import { isJsonObject, type JsonObject } from '@bourse/generation';
import { generateId } from '@bourse/ids';
import {
  anthropicMessages,
  gemini,
  openaiChat,
  openaiCompletions,
  openaiResponses,
  type ServedFormat,
} from '@bourse/wire';
import type { Context } from 'hono';
import type { AppEnv, GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { quote } from '../explain/quote.ts';
import { readJson } from '../generate/parse.ts';
import { plan } from '../generate/plan.ts';
import { collect } from '../http/collect.ts';
import { mayPlugIn, plugIn } from '../plugins/plug-in.ts';
import { Signal } from '../signal.ts';
import { callerOf } from './caller.ts';
import { quoteDoc } from './docs/quote-docs.ts';

/** The dialect of a body by what it calls its conversation; Anthropic's is told from chat by the header that its clients must send. */
function dialectOf(body: unknown, header: (name: string) => string | null): ServedFormat {
  if (!isJsonObject(body)) return openaiChat;
  if ('messages' in body) return header('anthropic-version') === null ? openaiChat : anthropicMessages;
  if ('input' in body) return openaiResponses;
  if ('contents' in body) return gemini;
  return 'prompt' in body ? openaiCompletions : openaiChat;
}

const OUTPUT_TOKENS_MAX = 10_000_000;

function outputTokensOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const tokens = /^\d{1,8}$/.test(text) ? Number(text) : Number.NaN;
  if (tokens <= OUTPUT_TOKENS_MAX) return tokens;
  throw new AppError('invalid_request', `output_tokens must be a whole number from 0 to ${OUTPUT_TOKENS_MAX}.`, {
    metadata: { path: 'output_tokens' },
  });
}

async function answer(context: Context<AppEnv>, deps: Deps): Promise<JsonObject> {
  const caller = await callerOf(context, 'inference.create', deps);
  const outputTokens = outputTokensOf(context.req.query('output_tokens'));
  const header = (name: string): string | null => context.req.header(name) ?? null;
  const readBody = (bytesMax: number) => collect(context.env.incoming, bytesMax);
  const body = await readJson({ header, readBody }, deps.limits.bodyBytesMax);
  const wire = dialectOf(body, header);
  const asked = wire.decodePrompt(body);
  const prompt = mayPlugIn(asked) ? await plugIn({ wire, hangUp: new Signal() }, asked, deps) : asked;
  return quote({ caller, prompt, route: plan(prompt, deps), outputTokens }, deps);
}

/** `POST /quote`: what a request would do and cost. Free of charge; refuses what the request would be refused for. */
export function registerQuote(app: GatewayApp, deps: Deps): void {
  app.openAPIRegistry.registerPath(quoteDoc);
  app.post('/api/v1/quote', async (context) => {
    const head = { 'access-control-allow-origin': '*', 'x-request-id': generateId('req') };
    return context.json({ data: await answer(context, deps) }, 200, head);
  });
}

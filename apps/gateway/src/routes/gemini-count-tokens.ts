import { isJsonObject } from '@bourse/generation';
import { generateId } from '@bourse/ids';
import { gemini } from '@bourse/wire';
import type { AppEnv, GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { authenticate } from '../generate/authenticate.ts';
import { estimateInput } from '../generate/estimate-usage.ts';
import { readJson } from '../generate/parse.ts';
import { plan } from '../generate/plan.ts';
import { collect } from '../http/collect.ts';
import { errorAnswer } from '../http/error-answer.ts';
import { geminiCountTokensDoc } from './docs/gemini-docs.ts';
import { geminiPath, readGeminiUrl } from './gemini.ts';

/** Google's clients send the contents alone, or a whole request in a member of its own. */
function requestIn(json: unknown): unknown {
  const whole = isJsonObject(json) ? json['generateContentRequest'] : undefined;
  return isJsonObject(whole) ? whole : json;
}

/** What the prompt of a request would come to. Refuses what `generateContent` would refuse before it cost anything. */
async function count({ incoming }: AppEnv['Bindings'], deps: Deps): Promise<number> {
  const own = (name: string): string | null => {
    const value = incoming.headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  };
  const { header, fields } = readGeminiUrl(incoming.url ?? '', own, 'countTokens');
  await authenticate({ header, address: deps.admission.addressOf(incoming) }, 'inference.create', deps);
  const readBody = (bytesMax: number) => collect(incoming, bytesMax);
  const json = requestIn(await readJson({ header, readBody }, deps.limits.bodyBytesMax));
  const prompt = gemini.decodePrompt(isJsonObject(json) ? { ...json, ...fields } : json);
  plan(prompt, deps);
  return estimateInput(prompt, await deps.countTokens());
}

/** `POST /api/v1beta/models/{author}/{slug}:countTokens`: by our own tokenizer, free of charge. */
export function registerGeminiCountTokens(app: GatewayApp, deps: Deps): void {
  app.openAPIRegistry.registerPath(geminiCountTokensDoc);
  app.post(geminiPath('countTokens'), async (context) => {
    const requestId = generateId('req');
    const head = { 'access-control-allow-origin': '*', 'x-request-id': requestId };
    try {
      return context.json({ totalTokens: await count(context.env, deps) }, 200, head);
    } catch (thrown) {
      // Told in the dialect of its client, as on the routes that generate.
      const { status, headers, body } = errorAnswer(thrown, { wire: gemini, generationId: null });
      if (status >= 500) deps.log.error('request.failed', thrown, { requestId, path: context.req.path });
      return new Response(body, { status, headers: { ...headers, ...head } });
    }
  });
}

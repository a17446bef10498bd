import { generateId } from '@bourse/ids';
import { anthropicMessages } from '@bourse/wire';
import type { Context } from 'hono';
import type { AppEnv, GatewayApp } from '../app-env.ts';
import type { Deps } from '../deps.ts';
import { authenticate } from '../generate/authenticate.ts';
import { estimateInput } from '../generate/estimate-usage.ts';
import { readJson } from '../generate/parse.ts';
import { plan } from '../generate/plan.ts';
import { collect } from '../http/collect.ts';
import { errorAnswer } from '../http/error-answer.ts';
import { presenterOf } from './caller.ts';
import { countTokensDoc } from './docs/messages-docs.ts';

/** What the prompt of a request would come to. Refuses what `POST /messages` would refuse before it cost anything. */
async function count(context: Context<AppEnv>, deps: Deps): Promise<number> {
  const presenter = presenterOf(context, deps);
  await authenticate(presenter, 'inference.create', deps);
  const { incoming } = context.env;
  const readBody = (bytesMax: number) => collect(incoming, bytesMax);
  const prompt = anthropicMessages.decodePrompt(
    await readJson({ header: presenter.header, readBody }, deps.limits.bodyBytesMax),
  );
  plan(prompt, deps);
  return estimateInput(prompt, await deps.countTokens());
}

/** `POST /messages/count_tokens`: by our own tokenizer, free of charge. */
export function registerCountTokens(app: GatewayApp, deps: Deps): void {
  app.openAPIRegistry.registerPath(countTokensDoc);
  app.post('/api/v1/messages/count_tokens', async (context) => {
    const requestId = generateId('req');
    const head = { 'access-control-allow-origin': '*', 'request-id': requestId, 'x-request-id': requestId };
    try {
      return context.json({ input_tokens: await count(context, deps) }, 200, head);
    } catch (thrown) {
      // Told in the dialect of its client, as on the routes that generate.
      const { status, headers, body } = errorAnswer(thrown, { wire: anthropicMessages, generationId: null });
      if (status >= 500) deps.log.error('request.failed', thrown, { requestId, path: context.req.path });
      return new Response(body, { status, headers: { ...headers, ...head } });
    }
  });
}

import { buildProviderRequest, type Provider } from '@bourse/providers';
import { type AnswerContext, openaiChat, openBody, openLane, type UsageReport } from '@bourse/wire';
import { LaneStream } from '../../src/generate/lane-stream.ts';
import { createTransport } from '../../src/http/transport.ts';
import { Signal } from '../../src/signal.ts';
import type { Ask, Got } from './ask.ts';
import { chatBody, readChat } from './clients.ts';

const transport = createTransport();

/** What became of a call: what the client got, or why it could not be made. */
export type Told = { readonly got: Got } | { readonly unsupported: string };

const head = { id: 'gen-battery', model: 'sandbox/atlas-instant', provider: 'Battery', createdUnixSeconds: 1 };
const timeouts = { headersMs: 10_000, idleMs: 10_000 };
/** What a reader needs of the money here; amounts are the gateway's battery to check. */
const report = (usage: UsageReport['usage']): UsageReport => ({
  usage,
  costUsd: '0.000001',
  upstreamCostUsd: '0.000001',
  isEstimated: false,
});

/** Bedrock's API is one for all makers, and what it takes depends on whose model it is. */
function upstreamModelOf({ id }: Provider, model: string): string {
  const name = model.replace('sandbox/', '');
  return id === 'amazon-bedrock' ? `anthropic.claude-sonnet-4-5-${name}-v1:0` : name;
}

/** One call of an adapter: the client speaks OpenAI's dialect, the provider its own. */
export async function callAdapter(provider: Provider, ask: Ask, sandboxUrl: string): Promise<Told> {
  const prompt = openaiChat.decodePrompt(chatBody(ask));
  const upstreamModel = upstreamModelOf(provider, ask.model);
  const api = provider.apiFor(prompt, upstreamModel);
  const lack = api?.wire.lacks(prompt);
  if (api === null || lack) return { unsupported: `its API has no ${lack ?? 'conversations'}` };
  const apiKey = `sk-sandbox-${provider.id}`;
  const request = await buildProviderRequest({
    provider,
    api,
    credential: { apiKey, baseUrl: `${sandboxUrl}/providers/${provider.id}/v1`, accessToken: async () => apiKey },
    prompt,
    target: { upstreamModel, isStreamed: ask.isStreamed, outputTokensMax: 4_000, endpointOutputTokensMax: 8_000 },
  });
  if (ask.tools && !String(request.body).includes('get_weather"')) return { unsupported: 'it takes no tools' };
  const response = await transport.call(request, timeouts, new Signal());
  const crossing = { served: openaiChat, called: api.wire, isRebuilt: api.isRebuilt === true };
  const context: AnswerContext = { head, prompt };
  const failed = (status: number, error: string): Told => ({
    got: { status, text: '', reasoning: '', calls: [], usage: null, error, generationId: head.id },
  });
  if (response.status !== 200) {
    const failure = api.wire.decodeError(response.status, await response.text(100_000), response.headers);
    return failed(failure.status === 500 ? 502 : failure.status, failure.message);
  }
  if (!ask.isStreamed) {
    const body = openBody(await response.text(10_000_000), crossing, context);
    if (body.facts.error !== null) return failed(502, body.facts.error.message);
    const text = String(body.render(report(body.facts.usage ?? { input: 1, output: 1 })));
    return { got: { status: 200, generationId: head.id, ...readChat(text, false) } };
  }
  const lane = openLane(crossing, context);
  const stream = new LaneStream(response, lane, api.wire.createParser);
  return { got: { status: 200, generationId: head.id, ...(await readLane(stream)) } };
}

/** A stream to its end, as the gateway reads it. */
async function readLane(stream: LaneStream): Promise<Omit<Got, 'status' | 'generationId'>> {
  let text = '';
  let usage: UsageReport['usage'] | null = null;
  let isFinished = false;
  let error: string | null = null;
  for (let batch = await stream.next(); batch !== null && error === null; batch = await stream.next()) {
    for (const event of batch) {
      text += event.text;
      usage = event.facts.usage ?? usage;
      isFinished ||= event.facts.finish !== null;
      error ??= event.facts.error?.message ?? null;
    }
  }
  if (error === null && !isFinished) error = 'the stream ended before the answer did';
  if (error !== null) return { ...readChat(text, true), error };
  return readChat(text + stream.lane.finish(report(usage ?? { input: 1, output: 1 })), true);
}

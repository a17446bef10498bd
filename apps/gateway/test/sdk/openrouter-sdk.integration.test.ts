import { OpenRouter } from '@openrouter/sdk';
import {
  BadRequestResponseError,
  NotFoundResponseError,
  UnauthorizedResponseError,
} from '@openrouter/sdk/models/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** OpenRouter's own SDK, its schema validation on; only server and key are set. */
let market: SandboxMarket;
let client: OpenRouter;
const clientOf = (apiKey: string) =>
  new OpenRouter({ apiKey, serverURL: `${market.root}/api/v1`, retryConfig: { strategy: 'none' } });
beforeAll(async () => {
  market = await openSandboxMarket();
  client = clientOf(market.key);
});
afterAll(() => market.stop());

type Ask = Parameters<OpenRouter['chat']['send']>[0]['chatRequest'];
type Sent = Awaited<ReturnType<OpenRouter['chat']['send']>>;
type Whole = Extract<Sent, { choices: unknown }>;

/** The SDK’s answer is a union of both kinds. */
async function send(chatRequest: Ask): Promise<Whole> {
  const answer = await client.chat.send({ chatRequest });
  if (!('choices' in answer)) throw new Error('a stream for a whole answer');
  return answer;
}

async function sendStreamed(asked: Ask): Promise<Exclude<Sent, Whole>> {
  const answer = await client.chat.send({ chatRequest: Object.assign({}, asked, { stream: true }) });
  if ('choices' in answer) throw new Error('a whole answer for a stream');
  return answer;
}

const messages = [{ role: 'user' as const, content: 'Tell me about the sea.' }];
const weather = {
  type: 'function' as const,
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

describe('chat', () => {
  test('a whole answer passes its schema, and its cost is that of its record', async () => {
    const answer = await send({ model: 'sandbox/atlas-instant', messages, maxTokens: 40 });
    expect(answer.choices[0]?.message.content).toEqual(expect.stringMatching(/./));
    expect(answer.choices[0]?.finishReason).toBe('length');
    expect(answer.usage?.completionTokens).toBe(40);
    const { total_cost: cost } = await market.generation(answer.id);
    expect(answer.usage?.cost).toBe(cost);
    expect(cost).toBeGreaterThan(0);
  });

  test('a stream passes its schema chunk by chunk and ends with usage', async () => {
    const stream = await sendStreamed({ model: 'sandbox/atlas-instant', messages, maxTokens: 40 });
    let text = '';
    let cost: number | undefined;
    for await (const { choices, usage } of stream) {
      text += choices[0]?.delta.content ?? '';
      cost = usage?.cost ?? cost;
    }
    expect(text.length).toBeGreaterThan(20);
    expect(cost).toBeGreaterThan(0);
  });

  test('a tool is called, and its result is taken back', async () => {
    const asked = { role: 'user' as const, content: 'Please use get_weather for Oslo.' };
    const model = 'sandbox/atlas-instant';
    const first = await send({ model, messages: [asked], tools: [weather] });
    const [choice] = first.choices;
    expect(choice?.finishReason).toBe('tool_calls');
    const call = choice?.message.toolCalls?.[0];
    expect(call?.function.name).toBe('get_weather');
    const second = await send({
      model,
      tools: [weather],
      messages: [
        asked,
        { role: 'assistant', content: null, toolCalls: choice?.message.toolCalls ?? [] },
        { role: 'tool', toolCallId: call?.id ?? '', content: 'It is 4 degrees.' },
      ],
    });
    expect(second.choices[0]?.message.content).toContain('It is 4 degrees.');
  });

  test('reasoning comes as text and as details', async () => {
    const answer = await send({ model: 'sandbox/atlas-reason', messages, maxTokens: 400 });
    const [choice] = answer.choices;
    expect(choice?.message.reasoning?.length).toBeGreaterThan(10);
    expect(choice?.message.reasoningDetails?.length).toBeGreaterThan(0);
    expect(answer.usage?.completionTokensDetails?.reasoningTokens).toBeGreaterThan(0);
  });
});

describe('errors', () => {
  test('keep their class and their status', async () => {
    const chatRequest = { model: 'sandbox/atlas-instant', messages };
    await expect(clientOf('sk-brs-v1-nobody').chat.send({ chatRequest })).rejects.toBeInstanceOf(
      UnauthorizedResponseError,
    );
    await expect(
      client.chat.send({ chatRequest: { ...chatRequest, provider: { only: ['nobody'] } } }),
    ).rejects.toBeInstanceOf(NotFoundResponseError);
    await expect(
      client.chat.send({ chatRequest: { ...chatRequest, model: 'sandbox/nothing' } }),
    ).rejects.toBeInstanceOf(BadRequestResponseError);
  });
});

describe('what is around it', () => {
  test('the catalog passes its schema', async () => {
    const { result } = await client.models.list();
    expect(result.data.find(({ id }) => id === 'sandbox/atlas-1')?.pricing.prompt).toBeDefined();
    const endpoints = await client.endpoints.list({ author: 'sandbox', slug: 'atlas-1' });
    expect(endpoints.data.endpoints.length).toBeGreaterThanOrEqual(3);
    const providers = await client.providers.list();
    expect(providers.data.length).toBeGreaterThan(10);
  });

  test('so do its pages, its filters, its counts and single models', async () => {
    const { data: count } = await client.models.count({ outputModalities: 'all' });
    const { result } = await client.models.list({ outputModalities: 'all', sort: 'newest', limit: 1_000 });
    expect(result.totalCount).toBe(count.count);
    expect(result.data.length).toBe(count.count);
    let pages = 0;
    for await (const page of await client.models.list({ outputModalities: 'all', limit: 60 }))
      pages += page.result.data.length;
    expect(pages).toBe(count.count);
    const one = await client.models.get({ author: 'sandbox', slug: 'atlas-1:nitro' });
    expect(one.data.id).toBe('sandbox/atlas-1');
    await expect(client.models.get({ author: 'nobody', slug: 'nothing' })).rejects.toBeInstanceOf(
      NotFoundResponseError,
    );
    expect((await client.embeddings.listModels()).result.data.length).toBeGreaterThan(0);
    expect((await client.endpoints.listZdrEndpoints()).data).toEqual(expect.any(Array));
    const own = await client.models.listForUser({ bearer: market.key });
    expect(own.result.data.every(({ id }) => id.startsWith('sandbox/'))).toBe(true);
  });

  test('key, credits and the record of a generation pass theirs', async () => {
    const answer = await send({ model: 'sandbox/atlas-instant', messages, maxTokens: 16 });
    const { data: generation } = await client.generations.getGeneration({ id: answer.id });
    expect(generation).toMatchObject({ id: answer.id, totalCost: answer.usage?.cost });
    const { data: key } = await client.apiKeys.getCurrentKeyMetadata();
    expect(key.usage).toBeGreaterThan(0);
  });
});

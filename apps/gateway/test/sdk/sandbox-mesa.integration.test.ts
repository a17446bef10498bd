import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../harness.ts';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** A provider that speaks Bedrock's Converse alone, for clients of OpenAI's chat completions: everything is translated, twice. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** The address of a picture, for a company that reads none. */
const pictures = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from(PIXEL, 'base64'));
});
let pictureUrl = '';
let market: SandboxMarket;
let client: OpenAI;
const CLAUDE = 'anthropic/claude-haiku-4.5';
beforeAll(async () => {
  await new Promise<void>((resolve) => pictures.listen(0, '127.0.0.1', resolve));
  const { port } = pictures.address() as AddressInfo; // a TCP server that listens has one
  pictureUrl = `http://127.0.0.1:${port}/pixel`;
  const accessKeyId = 'sk-sandbox-aws';
  market = await openSandboxMarket(
    {
      GATEWAY_FIRST_BYTE_TIMEOUT_MS: '2000',
      GATEWAY_WHOLE_ANSWER_TIMEOUT_MS: '2000',
      GATEWAY_IDLE_TIMEOUT_MS: '2000',
      GATEWAY_MEDIA_NETWORKS: '127.0.0.0/8',
      GATEWAY_MEDIA_PORTS: String(port),
    },
    (url) => ({
      AMAZON_BEDROCK_BASE_URL: `${url}/providers/bedrock/v1`,
      AMAZON_BEDROCK_REGION: 'us-east-1',
      AMAZON_BEDROCK_ACCESS_KEY_ID: accessKeyId,
      AMAZON_BEDROCK_SECRET_ACCESS_KEY: `secret-of-${accessKeyId}`,
    }),
  );
  client = new OpenAI({ baseURL: `${market.root}/api/v1`, apiKey: market.key, maxRetries: 0 });
});
afterAll(async () => {
  await market.stop();
  pictures.close();
});
afterEach(async () => {
  await fetch(`${market.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
});

/** The provider's next call goes wrong like this. */
async function breakNext(fault: string): Promise<void> {
  const response = await fetch(`${market.sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider: 'sandbox-mesa', fault, count: 1 }),
  });
  expect(response.ok).toBe(true);
}

const model = 'sandbox/mesa-instant';
const thinker = 'sandbox/mesa-reason';
type Body = Partial<OpenAI.ChatCompletionCreateParams> & Record<string, unknown>;
const user = (content: OpenAI.ChatCompletionUserMessageParam['content']) => ({ role: 'user' as const, content });
const request = (body: Body) => ({ model, messages: [user('Write about mesas.')], ...body });

const whole = (body: Body = {}) =>
  client.chat.completions.create(request({ ...body, stream: false }) as OpenAI.ChatCompletionCreateParamsNonStreaming); // fields of OpenRouter's beside OpenAI's

/** The SDK's own putting together of a stream, and its raw chunks. */
async function streamed(body: Body = {}) {
  const stream = client.chat.completions.stream(
    request({ ...body, stream: true }) as Parameters<typeof client.chat.completions.stream>[0],
  ); // as above
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { chunks, answer: await stream.finalChatCompletion() };
}

/** The answer, asked for in either way. */
const ask = async (isStreamed: boolean, body: Body = {}) => (isStreamed ? (await streamed(body)).answer : whole(body));

function messageOf({ choices }: OpenAI.ChatCompletion) {
  const [choice] = choices;
  if (choice === undefined) throw new Error('no choice');
  return choice.message;
}

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const weather = { type: 'function' as const, function: { name: 'get.weather', description: 'Weather', parameters } };
const time = { type: 'function' as const, function: { name: 'get_time', parameters } };
const callsOf = (answer: OpenAI.ChatCompletion) =>
  (messageOf(answer).tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call] : []));

describe.each([[false], [true]])('a client of chat completions (streamed: %s)', (isStreamed) => {
  test('gets text that was counted and charged', async () => {
    const answer = await ask(isStreamed, {
      messages: [{ role: 'system', content: 'Be brief.' }, user('Write about mesas.')],
    });
    expect(answer).toMatchObject({ model, provider: 'Mesa Sandbox' });
    expect(messageOf(answer).content?.length).toBeGreaterThan(20);
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage?.prompt_tokens).toBeGreaterThan(5);
    expect(answer.usage).not.toHaveProperty('is_estimated');
    const { total_cost: cost } = await market.generation(answer.id);
    expect(answer.usage).toMatchObject({ cost });
    expect(cost).toBeGreaterThan(0);
  });

  test('gets a call under the name that it gave, and an answer to its result', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [user('Call get.weather for Oslo.')];
    const first = await ask(isStreamed, { messages, tools: [weather], tool_choice: 'required' });
    const [call] = callsOf(first);
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call?.function.name).toBe('get.weather');
    expect(JSON.parse(call?.function.arguments ?? '')).toEqual({ city: expect.any(String) });
    messages.push(messageOf(first), { role: 'tool', tool_call_id: call?.id ?? '', content: 'Sunny, 21 degrees' });
    const second = await ask(isStreamed, { messages, tools: [weather] });
    expect(messageOf(second).content).toContain('Sunny, 21 degrees');
  });

  test('gets parallel calls apart, and one at a time where it wants', async () => {
    const messages = [user('Use get_weather and get_time for Oslo.')];
    const tools = [{ ...weather, function: { ...weather.function, name: 'get_weather' } }, time];
    const calls = callsOf(await ask(isStreamed, { messages, tools }));
    expect(calls.map((call) => call.function.name)).toEqual(['get_weather', 'get_time']);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    const results = calls.map(
      ({ id }): OpenAI.ChatCompletionMessageParam => ({ role: 'tool', tool_call_id: id, content: `result of ${id}` }),
    );
    const history: OpenAI.ChatCompletionMessageParam[] = [
      ...messages,
      { role: 'assistant', tool_calls: calls },
      ...results.toReversed(),
    ];
    expect(messageOf(await ask(isStreamed, { messages: history, tools })).content).toContain('result of');
    const single = await ask(isStreamed, { messages, tools, parallel_tool_calls: false });
    expect(callsOf(single)).toHaveLength(1);
  });

  test('sends a picture, one by its address, a document and a film', async () => {
    const content = [
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
      { type: 'image_url', image_url: { url: pictureUrl } },
      { type: 'file', file: { filename: 'Q3_report.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQ=' } },
      { type: 'video_url', video_url: { url: 'data:video/mp4;base64,AAAAGGZ0eXA=' } },
    ];
    const plain = await ask(isStreamed);
    const answer = await ask(isStreamed, { messages: [{ role: 'user', content }] } as Body);
    expect(answer.usage?.prompt_tokens).toBeGreaterThan(320 + (plain.usage?.prompt_tokens ?? 0));
  });

  test('gets JSON after its schema, as text that ends with stop', async () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer' }, s: { type: 'string' } },
      required: ['n', 's'],
    };
    const answer = await ask(isStreamed, {
      response_format: { type: 'json_schema', json_schema: { name: 'thing', schema } },
    });
    expect(JSON.parse(messageOf(answer).content ?? '')).toEqual({ n: expect.any(Number), s: expect.any(String) });
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(callsOf(answer)).toEqual([]);
  });

  test('is told what the cache took and what it gave, at their prices', async () => {
    const words = Array.from({ length: 1_500 }, (_, at) => `${isStreamed ? 's' : 'w'}${at}`).join(' ');
    const content = [{ type: 'text', text: words, cache_control: { type: 'ephemeral' } }];
    const body = { messages: [{ role: 'system', content }, user('Sum it up.')], max_tokens: 20 } as Body;
    const first = (await ask(isStreamed, body)).usage;
    const second = (await ask(isStreamed, body)).usage;
    expect(first?.prompt_tokens).toBe(second?.prompt_tokens);
    expect(first?.prompt_tokens_details).toMatchObject({ cached_tokens: 0, cache_write_tokens: expect.any(Number) });
    const written = Reflect.get(first?.prompt_tokens_details ?? {}, 'cache_write_tokens');
    expect(written).toBeGreaterThan(1_000);
    expect(second?.prompt_tokens_details).toMatchObject({ cached_tokens: written, cache_write_tokens: 0 });
    expect(Reflect.get(second ?? {}, 'cost')).toBeLessThan(Reflect.get(first ?? {}, 'cost') / 2);
  });
});

/** What a client of OpenRouter keeps of a turn: the message with its details. */
interface Kept {
  readonly reasoning_details?: readonly {
    readonly type: string;
    readonly signature?: string;
    readonly format?: string;
    readonly text?: string;
  }[];
}

describe('thoughts', () => {
  test('are signed, and go back in a tool loop of three turns, where each of them is verified', async () => {
    const tools = [{ ...weather, function: { ...weather.function, name: 'get_weather' } }];
    const reasoning = { effort: 'low' };
    const messages: OpenAI.ChatCompletionMessageParam[] = [user('Call get_weather for Oslo.')];
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await whole({ model: thinker, messages, tools, reasoning });
      const message = messageOf(answer);
      const { reasoning_details: details } = message as Kept; // OpenRouter's field
      expect(details).toEqual([
        expect.objectContaining({
          type: 'reasoning.text',
          signature: expect.any(String),
          format: 'anthropic-claude-v1',
        }),
      ]);
      messages.push(message);
      const [call] = callsOf(answer);
      if (call !== undefined) messages.push({ role: 'tool', tool_call_id: call.id, content: 'Sunny' });
      else messages.push(user('And now call get_weather for Rome.'));
    }
    expect(messages.filter(({ role }) => role === 'tool').length).toBeGreaterThan(1);
  });

  test('come in a stream with their signature, and changed ones are refused', async () => {
    const { chunks } = await streamed({ model: thinker });
    const details = chunks.flatMap(({ choices }) => (choices[0]?.delta as Kept | undefined)?.reasoning_details ?? []);
    const text = details.map((detail) => detail.text ?? '').join('');
    const signature = details.find((detail) => detail.signature !== undefined)?.signature;
    const replay = (words: string, format = 'anthropic-claude-v1') =>
      whole({
        model: thinker,
        messages: [
          user('Hi'),
          {
            role: 'assistant',
            content: 'Yes',
            reasoning_details: [{ type: 'reasoning.text', text: words, signature, format }],
          },
          user('Go on'),
        ] as OpenAI.ChatCompletionMessageParam[], // OpenRouter's field
      });
    expect(text).not.toBe('');
    expect((await replay(text)).choices[0]?.finish_reason).toBe('stop');
    await expect(replay(`${text}!`)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('signature'),
    });
    // A foreign thought is not sent at all.
    expect((await replay(`${text}!`, 'google-gemini-v1')).choices[0]?.finish_reason).toBe('stop');
  });

  test('of other models stay behind, and those that nobody wants to see are not shown', async () => {
    const plain = await whole({
      model: thinker,
      messages: [
        user('Hi'),
        { role: 'assistant', content: 'Yes', reasoning: 'unsigned' },
        user('Go on'),
      ] as OpenAI.ChatCompletionMessageParam[], // OpenRouter's field
      reasoning: { exclude: true },
    });
    expect(messageOf(plain)).not.toHaveProperty('reasoning_details');
    const none = await whole({ model: thinker, reasoning: { effort: 'none' } });
    expect(messageOf(none)).not.toHaveProperty('reasoning');
  });
});

/** What the provider has seen. */
async function countsOf(): Promise<{ requests: number; finished: number; inFlight: number }> {
  const stats = await (await fetch(`${market.sandbox.url}/_sandbox/stats`)).json();
  return (
    (stats as { providers: Record<string, { requests: number; finished: number; inFlight: number }> }).providers[
      'sandbox-mesa'
    ] ?? { requests: 0, finished: 0, inFlight: 0 }
  ); // the sandbox's own shape
}

describe('what goes wrong', () => {
  test.each([
    ['429', 429],
    ['500', 502],
    ['401', 502],
    ['403', 502],
    ['404', 502],
    ['503', 503],
    ['html', 502],
    ['reset', 502],
    ['hang', 504],
  ])(
    '%s before the first token is %d, streamed or not',
    async (fault, status) => {
      await breakNext(fault);
      await expect(whole()).rejects.toMatchObject({ status });
      await breakNext(fault);
      await expect(streamed()).rejects.toMatchObject({ status });
    },
    30_000,
  );

  test.each(['truncated-8', 'reset-mid-stream-8', 'bad-json-8', 'error-under-200-8', 'hang-mid-stream-8'])(
    '%s in the middle of a stream is an error in the stream, and what came is charged',
    async (fault) => {
      await breakNext(fault);
      const response = await fetch(`${market.root}/api/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${market.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(request({ stream: true })),
      });
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(text).toContain('"finish_reason":"error"');
      expect(text).not.toContain('[DONE]');
      expect(text).toMatch(/"content":"\S/);
    },
  );

  test.each(['bad-json', 'error-under-200', 'truncated', 'empty'])('%s in a whole answer is 502', async (fault) => {
    await breakNext(fault);
    await expect(whole()).rejects.toMatchObject({ status: 502 });
  });

  test.each(['missing-usage', 'absurd-usage', 'absurd-usage-1', 'absurd-usage-3', 'absurd-usage-4'])(
    '%s is estimated, and said so',
    async (fault) => {
      for (const isStreamed of [false, true]) {
        await breakNext(fault);
        const answer = await ask(isStreamed);
        expect(answer.usage).toMatchObject({ is_estimated: true });
        expect(answer.usage?.completion_tokens).toBeGreaterThan(5);
      }
    },
  );

  test('a refusal of the request is quoted', async () => {
    const content = 'word '.repeat(130_000);
    await expect(whole({ messages: [user(content)] })).rejects.toMatchObject({ status: 400 });
  });

  test.each([
    ['several choices', { n: 2 }],
    ['logprobs', { logprobs: true }],
    ['sound', { messages: [user([{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }])] }],
  ])('%s are refused before anybody is called', async (_name, body) => {
    await expect(whole(body)).rejects.toMatchObject({
      status: expect.toSatisfy((status: number) => status === 400 || status === 404),
    });
  });

  test('whoever hangs up leaves a provider that is drained, because it bills all the same', async () => {
    const before = await countsOf();
    const abort = new AbortController();
    const stream = await client.chat.completions.create(
      { model: thinker, messages: [user('Write about mesas.')], stream: true, max_tokens: 400 },
      { signal: abort.signal },
    );
    for await (const chunk of stream) {
      if (chunk.choices.length > 0) break;
    }
    abort.abort();
    const after = await eventually(countsOf, ({ inFlight }) => inFlight === 0);
    expect(after).toEqual({ ...before, requests: before.requests + 1, finished: before.finished + 1 });
  });
});

describe('Amazon Bedrock itself, as the sandbox plays it', () => {
  test.each([[false], [true]])(
    'is called with a signature that holds, whatever is in the name of the model (streamed: %s)',
    async (isStreamed) => {
      const answer = await ask(isStreamed, { model: CLAUDE, provider: { only: ['amazon-bedrock'] } });
      expect(answer).toMatchObject({ model: CLAUDE, provider: 'Amazon Bedrock' });
      expect(messageOf(answer).content?.length).toBeGreaterThan(20);
    },
  );
});

import { type Content, type GenerateContentResponse, GoogleGenAI, type Part } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../harness.ts';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** A provider that speaks Google's generateContent alone, for clients of OpenAI's chat completions and of Google's own dialect. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
let market: SandboxMarket;
let client: OpenAI;
let google: GoogleGenAI;
beforeAll(async () => {
  market = await openSandboxMarket({
    GATEWAY_FIRST_BYTE_TIMEOUT_MS: '2000',
    GATEWAY_WHOLE_ANSWER_TIMEOUT_MS: '2000',
    GATEWAY_IDLE_TIMEOUT_MS: '2000',
  });
  client = new OpenAI({ baseURL: `${market.root}/api/v1`, apiKey: market.key, maxRetries: 0 });
  google = new GoogleGenAI({ apiKey: market.key, httpOptions: { baseUrl: `${market.root}/api` } });
});
afterAll(() => market.stop());
afterEach(async () => {
  await fetch(`${market.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
});

/** The provider's next call goes wrong like this. */
async function breakNext(fault: string): Promise<void> {
  const response = await fetch(`${market.sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ provider: 'sandbox-gulf', fault, count: 1 }),
  });
  expect(response.ok).toBe(true);
}

const model = 'sandbox/delta-instant';
const thinker = 'sandbox/delta-reason';
type Body = Partial<OpenAI.ChatCompletionCreateParams> & Record<string, unknown>;
const user = (content: OpenAI.ChatCompletionUserMessageParam['content']) => ({ role: 'user' as const, content });
const request = (body: Body) => ({ model, messages: [user('Write about deltas.')], ...body });

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
const weather = { type: 'function' as const, function: { name: 'get weather', description: 'Weather', parameters } };
const time = { type: 'function' as const, function: { name: 'get_time', parameters } };
const callsOf = (answer: OpenAI.ChatCompletion) =>
  (messageOf(answer).tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call] : []));

describe.each([[false], [true]])('a client of chat completions (streamed: %s)', (isStreamed) => {
  test('gets text that was counted and charged', async () => {
    const answer = await ask(isStreamed, {
      messages: [{ role: 'system', content: 'Be brief.' }, user('Write about deltas.')],
    });
    expect(answer).toMatchObject({ model, provider: 'Gulfstream Sandbox' });
    expect(messageOf(answer).content?.length).toBeGreaterThan(20);
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.usage?.prompt_tokens).toBeGreaterThan(5);
    expect(answer.usage).not.toHaveProperty('is_estimated');
    const { total_cost: cost } = await market.generation(answer.id);
    expect(answer.usage).toMatchObject({ cost });
    expect(cost).toBeGreaterThan(0);
  });

  test('gets a call under the name that it gave, and an answer to its result', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [user('Call get weather for Oslo.')];
    const first = await ask(isStreamed, { messages, tools: [weather], tool_choice: 'required' });
    const [call] = callsOf(first);
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call?.function.name).toBe('get weather');
    expect(JSON.parse(call?.function.arguments ?? '')).toEqual({ city: expect.any(String) });
    messages.push(messageOf(first), { role: 'tool', tool_call_id: call?.id ?? '', content: 'Sunny, 21 degrees' });
    const second = await ask(isStreamed, { messages, tools: [weather] });
    expect(messageOf(second).content).toContain('Sunny, 21 degrees');
  });

  test('gets parallel calls apart, and answers them in any order', async () => {
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
  });

  test('sends a picture, a document, sound and a film', async () => {
    const content = [
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
      { type: 'file', file: { filename: 'Q3_report.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQ=' } },
      { type: 'input_audio', input_audio: { data: 'UklGRgAAAAA=', format: 'wav' } },
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
  });

  test('is told what the cache gave, at its price, without having asked for it', async () => {
    const words = Array.from({ length: 1_500 }, (_, at) => `${isStreamed ? 's' : 'w'}${at}`).join(' ');
    const body: Body = { messages: [{ role: 'system', content: words }, user('Sum it up.')], max_tokens: 20 };
    const first = (await ask(isStreamed, body)).usage;
    const second = (await ask(isStreamed, body)).usage;
    expect(first?.prompt_tokens).toBe(second?.prompt_tokens);
    expect(first?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect(second?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(1_000);
    expect(Reflect.get(second ?? {}, 'cost')).toBeLessThan(Reflect.get(first ?? {}, 'cost') / 2);
  });

  test('keeps the signatures of a tool loop of three turns, which the provider verifies', async () => {
    const tools = [{ ...weather, function: { ...weather.function, name: 'get_weather' } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [user('Call get_weather for Oslo.')];
    for (let turn = 0; turn < 3; turn += 1) {
      const { answer, details } = await thought(isStreamed, { messages, tools, reasoning: { effort: 'low' } });
      expect(details).toContainEqual(expect.objectContaining({ type: 'reasoning.text', text: expect.any(String) }));
      expect(details).toContainEqual(
        expect.objectContaining({ type: 'reasoning.encrypted', format: 'google-gemini-v1', data: expect.any(String) }),
      );
      const { content, tool_calls } = messageOf(answer);
      const kept = { role: 'assistant', content, ...(tool_calls ? { tool_calls } : {}), reasoning_details: details };
      messages.push(kept as OpenAI.ChatCompletionAssistantMessageParam); // OpenRouter's field
      const [call] = callsOf(answer);
      if (call !== undefined) messages.push({ role: 'tool', tool_call_id: call.id, content: 'Sunny' });
      else messages.push(user('And now call get_weather for Rome.'));
    }
    expect(messages.filter(({ role }) => role === 'tool').length).toBeGreaterThan(1);
  });
});

/** What a client of OpenRouter keeps of a turn. */
interface Kept {
  readonly reasoning?: string;
  readonly reasoning_details?: readonly { readonly type: string; readonly data?: string; readonly text?: string }[];
}

/** An answer of the thinker, and its details as they came. */
async function thought(isStreamed: boolean, body: Body) {
  if (isStreamed) {
    const { chunks, answer } = await streamed({ model: thinker, ...body });
    const deltas = chunks.map(({ choices }) => choices[0]?.delta as Kept | undefined); // OpenRouter's field
    return { answer, details: deltas.flatMap((delta) => delta?.reasoning_details ?? []) };
  }
  const answer = await whole({ model: thinker, ...body });
  return { answer, details: (messageOf(answer) as Kept).reasoning_details ?? [] }; // OpenRouter's field
}

describe('thoughts', () => {
  test('that were changed are refused, and foreign ones stay behind', async () => {
    const { details } = await thought(false, {});
    const replay = (reasoning_details: unknown) =>
      whole({
        model: thinker,
        messages: [
          user('Hi'),
          { role: 'assistant', content: 'Yes', reasoning_details },
          user('Go on'),
        ] as OpenAI.ChatCompletionMessageParam[], // OpenRouter's field
      });
    expect((await replay(details)).choices[0]?.finish_reason).toBe('stop');
    const forged = details.map((detail) => (detail.data ? { ...detail, data: `AAAA${detail.data.slice(4)}` } : detail));
    await expect(replay(forged)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('thought signature'),
    });
    const foreign = forged.map((detail) => ({ ...detail, format: 'anthropic-claude-v1' }));
    expect((await replay(foreign)).choices[0]?.finish_reason).toBe('stop');
  });

  test('calls of another model are taken without a signature', async () => {
    const call = { id: 'call_x', type: 'function', function: { name: 'get_time', arguments: '{"city":"Oslo"}' } };
    const messages = [
      user('Call get_time for Oslo.'),
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_x', content: 'Noon' },
    ] as OpenAI.ChatCompletionMessageParam[]; // literals that lost their types
    const answer = await whole({ model: thinker, messages, tools: [time] });
    expect(messageOf(answer).content).toContain('Noon');
  });

  test('that nobody wants to see are not shown, and are paid', async () => {
    const answer = await whole({ model: thinker, reasoning: { exclude: true } });
    expect(messageOf(answer)).not.toHaveProperty('reasoning');
    expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  });
});

async function geminiAnswer(isStreamed: boolean, name: string, contents: Content[], config: object = {}) {
  const asked = { model: name, contents, config };
  if (!isStreamed) return [await google.models.generateContent(asked)];
  const pieces: GenerateContentResponse[] = [];
  for await (const piece of await google.models.generateContentStream(asked)) pieces.push(piece);
  return pieces;
}

const partsOf = (pieces: readonly GenerateContentResponse[]): Part[] =>
  pieces.flatMap((piece) => piece.candidates?.[0]?.content?.parts ?? []);
const textIn = (parts: readonly Part[]) =>
  parts.map((part) => (part.thought === true ? '' : (part.text ?? ''))).join('');
const said = (text: string): Content => ({ role: 'user', parts: [{ text }] });

describe.each([[false], [true]])("a client of Google's own dialect (streamed: %s)", (isStreamed) => {
  test('gets its answer, its usage and what it costs', async () => {
    const pieces = await geminiAnswer(isStreamed, model, [said('Tell me about deltas.')]);
    expect(textIn(partsOf(pieces)).length).toBeGreaterThan(20);
    const last = pieces.at(-1);
    expect(last?.candidates?.[0]?.finishReason).toBe('STOP');
    expect(last?.modelVersion).toBe(model);
    const { total_cost: cost } = await market.generation(last?.responseId ?? '');
    expect(last?.usageMetadata).toMatchObject({ promptTokenCount: expect.any(Number), cost });
  });

  test('gets parallel calls, and its results are read, also beside a picture', async () => {
    const declaration = { name: 'get_weather', parametersJsonSchema: parameters };
    const tools = [{ functionDeclarations: [declaration, { ...declaration, name: 'get_time' }] }];
    const asked: Content = {
      role: 'user',
      parts: [
        { text: 'Use get_weather and get_time for Oslo.' },
        { inlineData: { mimeType: 'image/png', data: PIXEL } },
      ],
    };
    const parts = partsOf(await geminiAnswer(isStreamed, thinker, [asked], { tools }));
    const calls = parts.flatMap((part) => part.functionCall ?? []);
    expect(calls.map(({ name }) => name)).toEqual(['get_weather', 'get_time']);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expect(parts.find((part) => part.functionCall)?.thoughtSignature).toMatch(/./);
    const results = calls.map(({ id = '', name = '' }) => ({
      functionResponse: { id, name, response: { output: `${name} is fine` } },
    }));
    const history: Content[] = [asked, { role: 'model', parts }, { role: 'user', parts: results }];
    const answer = await geminiAnswer(isStreamed, thinker, history, { tools });
    expect(textIn(partsOf(answer))).toContain('get_time is fine');
    const unsigned = parts.map(({ thoughtSignature: _lost, ...part }) => part);
    const lost: Content[] = [asked, { role: 'model', parts: unsigned }, { role: 'user', parts: results }];
    await expect(geminiAnswer(isStreamed, thinker, lost, { tools })).rejects.toMatchObject({ status: 400 });
  });

  test('sees thoughts, and gets JSON after a schema', async () => {
    const config = {
      thinkingConfig: { includeThoughts: true },
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', properties: { n: { type: 'INTEGER' } }, required: ['n'] },
    };
    const pieces = await geminiAnswer(isStreamed, thinker, [said('A number.')], config);
    const parts = partsOf(pieces);
    expect(parts[0]).toMatchObject({ thought: true, text: expect.stringMatching(/./) });
    expect(JSON.parse(textIn(parts))).toEqual({ n: expect.any(Number) });
    expect(pieces.at(-1)?.usageMetadata?.thoughtsTokenCount).toBeGreaterThan(0);
  });

  test.each([
    ['429', 429],
    ['500', 502],
  ])('is told of %s as %d', async (fault, status) => {
    await breakNext(fault);
    await expect(geminiAnswer(isStreamed, model, [said('Hi')])).rejects.toMatchObject({ status });
  });

  test('a refusal of the provider is quoted', async () => {
    const config = { thinkingConfig: { thinkingBudget: 0 } };
    await expect(geminiAnswer(isStreamed, thinker, [said('Hi')], config)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('Budget 0 is invalid'),
    });
  });
});

/** What the provider has seen. */
async function countsOf(): Promise<{ requests: number; aborted: number; inFlight: number }> {
  const stats = await (await fetch(`${market.sandbox.url}/_sandbox/stats`)).json();
  return (
    (stats as { providers: Record<string, { requests: number; aborted: number; inFlight: number }> }).providers[
      'sandbox-gulf'
    ] ?? { requests: 0, aborted: 0, inFlight: 0 }
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
    '%s in the middle of a stream is an error in the stream, for clients of both dialects',
    async (fault) => {
      const headers = { authorization: `Bearer ${market.key}`, 'content-type': 'application/json' };
      await breakNext(fault);
      const chat = await fetch(`${market.root}/api/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify(request({ stream: true })),
      });
      const text = await chat.text();
      expect(chat.status).toBe(200);
      expect(text).toContain('"finish_reason":"error"');
      expect(text).not.toContain('[DONE]');
      expect(text).toMatch(/"content":"\S/);
      await breakNext(fault);
      const own = await fetch(`${market.root}/api/v1beta/models/${model}:streamGenerateContent?alt=sse`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ contents: [said('Tell me about deltas.')] }),
      });
      const pieces = await own.text();
      expect(own.status).toBe(200);
      expect(pieces).toMatch(/"text":"\S/);
      expect(pieces).toMatch(/data: \{"error":\{"code":\d+/);
      expect(pieces).not.toContain('"finishReason":"STOP"');
    },
    30_000,
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

  test('whoever hangs up ends the call at the provider, which then stops its bill', async () => {
    const before = await countsOf();
    await breakNext('hang-mid-stream-3');
    const abort = new AbortController();
    const stream = await client.chat.completions.create(
      { model: thinker, messages: [user('Write about deltas.')], stream: true },
      { signal: abort.signal },
    );
    for await (const chunk of stream) {
      if (chunk.choices.length > 0) break;
    }
    abort.abort();
    const after = await eventually(countsOf, ({ inFlight }) => inFlight === 0);
    expect(after).toMatchObject({ requests: before.requests + 1, aborted: before.aborted + 1 });
  });
});

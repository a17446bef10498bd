import { countTokens, encodeChat } from 'gpt-tokenizer/encoding/o200k_base';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { openaiClient, poll, useSandbox } from './harness.ts';

const world = useSandbox();
const client = () => openaiClient(world.url);
const ask = (content: string) => [{ role: 'user' as const, content }];

/** Reads a stream to its end. */
async function collect(body: Omit<OpenAI.ChatCompletionCreateParamsStreaming, 'stream'>) {
  const stream = await client().chat.completions.create({ ...body, stream: true });
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = (index: number) =>
    chunks
      .flatMap((chunk) => chunk.choices)
      .filter((choice) => choice.index === index)
      .map((choice) => choice.delta.content ?? '')
      .join('');
  return { chunks, text, usage: chunks.at(-1)?.usage };
}

describe('a text answer', () => {
  test('is the same for the same model, messages and seed, and another for another seed', async () => {
    const body = { model: 'atlas-instant', messages: ask('Tell me about lighthouses.'), seed: 7 };
    const first = await client().chat.completions.create(body);
    const second = await client().chat.completions.create(body);
    const other = await client().chat.completions.create({ ...body, seed: 8 });

    expect(second.choices).toEqual(first.choices);
    expect(second.id).not.toBe(first.id);
    expect(other.choices[0]?.message.content).not.toBe(first.choices[0]?.message.content);
  });

  test('reports exactly the tokens that the real tokenizer counts', async () => {
    const messages = [
      { role: 'system' as const, content: 'You are brief. <|endoftext|> is text here.' },
      { role: 'user' as const, content: 'Wie heißt die Straße? 你好 🙂' },
    ];
    const answer = await client().chat.completions.create({ model: 'atlas-instant', messages });
    const plain = [{ role: 'user' as const, content: 'Plain words only.' }];
    const short = await client().chat.completions.create({ model: 'atlas-instant', messages: plain });

    const content = answer.choices[0]?.message.content ?? '';
    expect(answer.usage?.completion_tokens).toBe(countTokens(content));
    expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + countTokens(content));
    expect(short.usage?.prompt_tokens).toBe(encodeChat(plain, 'gpt-4o').length);
  });

  test('streams the text and the usage that it gives in one piece, one token per chunk', async () => {
    const body = { model: 'atlas-instant', messages: ask('Tell me about harbours.'), seed: 3 };
    const whole = await client().chat.completions.create(body);
    const { chunks, text, usage } = await collect({ ...body, stream_options: { include_usage: true } });

    expect(text(0)).toBe(whole.choices[0]?.message.content);
    expect(usage).toEqual(whole.usage);
    const deltas = chunks.flatMap((chunk) => chunk.choices).filter((choice) => choice.delta.content);
    expect(deltas).toHaveLength(whole.usage?.completion_tokens ?? -1);
  });

  test('has the chunk shapes of OpenAI: role first, finish last, then usage without choices', async () => {
    const { chunks } = await collect({
      model: 'atlas-instant',
      messages: ask('Hello'),
      stream_options: { include_usage: true },
    });

    expect(chunks[0]?.choices[0]?.delta).toMatchObject({ role: 'assistant', content: '' });
    expect(chunks.at(-2)?.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' });
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true);
  });

  test('carries no usage in a stream that did not ask for it, and ends with [DONE]', async () => {
    const response = await fetch(`${world.url}/providers/acme/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-sandbox-1' },
      body: JSON.stringify({ model: 'atlas-instant', messages: ask('Hi'), stream: true }),
    });
    const text = await response.text();

    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
    expect(text).not.toContain('usage');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('stops at max_tokens with reason length, and at a stop sequence without it', async () => {
    const body = { model: 'atlas-instant', messages: ask('Tell me about bridges.') };
    const cut = await client().chat.completions.create({ ...body, max_tokens: 9 });
    const stopped = await client().chat.completions.create({ ...body, stop: ['. '] });
    const full = await client().chat.completions.create(body);

    const text = full.choices[0]?.message.content ?? '';
    expect(cut.choices[0]?.finish_reason).toBe('length');
    expect(cut.usage?.completion_tokens).toBe(9);
    expect(text.startsWith(cut.choices[0]?.message.content ?? '-')).toBe(true);
    expect(stopped.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: text.split('. ')[0] } });
  });

  test('has as many tokens as the name of the model asks for', async () => {
    const answer = await client().chat.completions.create({
      model: 'atlas-instant-length-200',
      messages: ask('Go on.'),
    });

    expect(answer.usage?.completion_tokens).toBe(200);
  });

  test('comes in n different choices, which add up in the usage', async () => {
    const body = { model: 'atlas-instant', messages: ask('Tell me about gardens.'), n: 3 };
    const whole = await client().chat.completions.create(body);
    const { text } = await collect(body);

    const texts = whole.choices.map((choice) => choice.message.content ?? '');
    expect(new Set(texts).size).toBe(3);
    expect(texts.map((_, index) => text(index))).toEqual(texts);
    expect(whole.usage?.completion_tokens).toBe(texts.reduce((sum, each) => sum + countTokens(each), 0));
  });

  test('of a reasoning model thinks aloud first, and counts that as part of the completion', async () => {
    const body = { model: 'atlas-reason-instant', messages: ask('Which bridge is older?') };
    const whole = await client().chat.completions.create(body);
    const { chunks } = await collect({ ...body, stream_options: { include_usage: true } });

    const message: { content: string | null; reasoning?: string } = whole.choices[0]?.message ?? {
      content: '',
    };
    const reasoning = chunks.flatMap((chunk) => {
      const delta: object = chunk.choices[0]?.delta ?? {};
      return 'reasoning' in delta ? String(delta.reasoning) : [];
    });
    expect(reasoning.join('')).toBe(message.reasoning);
    expect(whole.usage?.completion_tokens_details?.reasoning_tokens).toBe(countTokens(message.reasoning ?? ''));
    expect(whole.usage?.completion_tokens).toBe(
      countTokens(message.reasoning ?? '') + countTokens(message.content ?? ''),
    );
  });

  test('finds a long prompt in the cache the second time, in steps of 128 tokens', async () => {
    const messages = ask('The quiet river carries amber light. '.repeat(300));
    const first = await client().chat.completions.create({ model: 'atlas-instant', messages });
    const second = await client().chat.completions.create({
      model: 'atlas-instant',
      messages: [...messages, { role: 'assistant', content: 'Yes.' }, { role: 'user', content: 'More.' }],
    });
    const elsewhere = await openaiClient(world.url, 'other').chat.completions.create({
      model: 'atlas-instant',
      messages,
    });

    const cached = second.usage?.prompt_tokens_details?.cached_tokens ?? 0;
    expect(first.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
    expect(cached % 128).toBe(0);
    expect(cached).toBeGreaterThan((first.usage?.prompt_tokens ?? 0) - 128 - 8);
    expect(cached).toBeLessThanOrEqual(first.usage?.prompt_tokens ?? 0);
    expect(elsewhere.usage?.prompt_tokens_details?.cached_tokens).toBe(0);
  });
});

describe('structured output', () => {
  const schema = {
    type: 'object',
    required: ['title', 'rating', 'tags', 'kind', 'isGood'],
    additionalProperties: false,
    properties: {
      title: { type: 'string', maxLength: 12 },
      rating: { type: 'integer', minimum: 1, maximum: 5 },
      tags: { type: 'array', items: { enum: ['red', 'green'] }, minItems: 2 },
      kind: { const: 'review' },
      isGood: { type: 'boolean' },
    },
  };

  test('follows the schema, streamed or not', async () => {
    const body: OpenAI.ChatCompletionCreateParamsNonStreaming = {
      model: 'atlas-instant',
      messages: ask('Review it.'),
      response_format: { type: 'json_schema', json_schema: { name: 'review', schema, strict: true } },
    };
    const whole = await client().chat.completions.create(body);
    const { text } = await collect({ ...body, stream: true } as OpenAI.ChatCompletionCreateParamsStreaming);

    const value: unknown = JSON.parse(whole.choices[0]?.message.content ?? '');
    expect(value).toEqual({
      title: expect.stringMatching(/^.{1,12}$/),
      rating: expect.toSatisfy((rating: number) => Number.isInteger(rating) && rating >= 1 && rating <= 5),
      tags: expect.toSatisfy((tags: string[]) => tags.length >= 2 && tags.every((tag) => /^(red|green)$/.test(tag))),
      kind: 'review',
      isGood: expect.any(Boolean),
    });
    expect(text(0)).toBe(whole.choices[0]?.message.content);
  });

  test('of type json_object is an object', async () => {
    const answer = await client().chat.completions.create({
      model: 'atlas-instant',
      messages: ask('JSON about rivers, please.'),
      response_format: { type: 'json_object' },
    });

    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toMatchObject({ topic: 'rivers' });
  });
});

describe('tools', () => {
  const tool = (name: string): OpenAI.ChatCompletionTool => ({
    type: 'function',
    function: {
      name,
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, unit: { enum: ['celsius', 'fahrenheit'] } },
        required: ['city', 'unit'],
      },
    },
  });
  const tools = [tool('get_weather'), tool('find_hotel')];
  const both = ask('Use get_weather and find_hotel for me.');
  const names = (calls: readonly OpenAI.ChatCompletionMessageToolCall[] | undefined) =>
    (calls ?? []).map((call) => (call.type === 'function' ? call.function.name : call.type));

  test('are called when the user names them, in parallel unless forbidden', async () => {
    const parallel = await client().chat.completions.create({ model: 'atlas-instant', messages: both, tools });
    const one = await client().chat.completions.create({
      model: 'atlas-instant',
      messages: both,
      tools,
      parallel_tool_calls: false,
    });
    const none = await client().chat.completions.create({
      model: 'atlas-instant',
      messages: both,
      tools,
      tool_choice: 'none',
    });

    expect(parallel.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(names(parallel.choices[0]?.message.tool_calls)).toEqual(['get_weather', 'find_hotel']);
    expect(names(one.choices[0]?.message.tool_calls)).toEqual(['get_weather']);
    expect(none.choices[0]?.finish_reason).toBe('stop');
  });

  test('are called when the choice requires or names one, or the model likes tools', async () => {
    const messages = ask('Hello.');
    const ask1 = (extra: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>) =>
      client().chat.completions.create({ model: 'atlas-instant', messages, tools, ...extra });
    const required = await ask1({ tool_choice: 'required' });
    const named = await ask1({ tool_choice: { type: 'function', function: { name: 'find_hotel' } } });
    const eager = await ask1({ model: 'atlas-tool-instant' });
    const quiet = await ask1({});

    expect(names(required.choices[0]?.message.tool_calls)).toEqual(['get_weather']);
    expect(names(named.choices[0]?.message.tool_calls)).toEqual(['find_hotel']);
    expect(names(eager.choices[0]?.message.tool_calls)).toEqual(['get_weather']);
    expect(quiet.choices[0]?.message.tool_calls).toBeUndefined();
  });

  test('stream their arguments in fragments, with the id on the first one only', async () => {
    const { chunks } = await collect({ model: 'atlas-instant', messages: both, tools });
    const fragments = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);

    for (const index of [0, 1]) {
      const mine = fragments.filter((fragment) => fragment.index === index);
      expect(mine[0]).toMatchObject({ id: expect.stringMatching(/^call_/), type: 'function' });
      expect(mine.slice(1).every((fragment) => fragment.id === undefined)).toBe(true);
      expect(mine.length).toBeGreaterThan(3);
      const argumentsText = mine.map((fragment) => fragment.function?.arguments ?? '').join('');
      expect(JSON.parse(argumentsText)).toMatchObject({
        city: expect.any(String),
        unit: expect.stringMatching(/^(celsius|fahrenheit)$/),
      });
    }
  });

  test('that have answered are quoted', async () => {
    const call = { id: 'call_1', type: 'function' as const, function: { name: 'get_weather', arguments: '{}' } };
    const answer = await client().chat.completions.create({
      model: 'atlas-tool-instant',
      messages: [
        ...ask('Use get_weather.'),
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'call_1', content: '17 degrees and rain' },
      ],
      tools,
    });

    expect(answer.choices[0]?.finish_reason).toBe('stop');
    expect(answer.choices[0]?.message.content).toContain('get_weather call returned: 17 degrees and rain');
  });
});

describe('refusals', () => {
  test('name the wrong field, as OpenAI does', async () => {
    const post = async (body: object) => {
      const failure = await client()
        .post('/chat/completions', { body })
        .catch((error: unknown) => error);
      return failure instanceof OpenAI.APIError
        ? { status: failure.status, param: failure.param, code: failure.code }
        : null;
    };
    const messages = ask('Hi');

    expect(await post({ model: 'm' })).toEqual({ status: 400, param: 'messages', code: 'missing_required_parameter' });
    expect(await post({ model: 'm', messages: [] })).toEqual({ status: 400, param: 'messages', code: 'empty_array' });
    expect(await post({ model: 'm', messages, n: 9 })).toEqual({ status: 400, param: 'n', code: 'invalid_value' });
    expect(await post({ model: 'm', messages, stream: 'yes' })).toEqual({
      status: 400,
      param: 'stream',
      code: 'invalid_type',
    });
    expect(await post({ model: 'm', messages: [{ content: 'x' }] })).toEqual({
      status: 400,
      param: 'messages[0].role',
      code: 'missing_required_parameter',
    });
    const long = await post({ model: 'm', messages: ask('river '.repeat(130_000)) });
    expect(long).toEqual({ status: 400, param: 'messages', code: 'context_length_exceeded' });
  });

  test('answer a missing or foreign key with 401, and unknown paths with 404, always as JSON', async () => {
    const missing = await fetch(`${world.url}/providers/acme/v1/models`);
    const nowhere = await fetch(`${world.url}/providers/acme/v1/nowhere`);

    await expect(openaiClient(world.url, 'acme', 'sk-live-123456').models.list()).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
    expect([missing.status, nowhere.status]).toEqual([401, 404]);
    expect(await missing.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
    expect(await nowhere.json()).toMatchObject({ error: { message: expect.stringContaining('/nowhere') } });
  });
});

test('the list of models names the good ones and the faults', async () => {
  const ids: string[] = [];
  for await (const model of client().models.list()) ids.push(model.id);

  expect(ids).toEqual(expect.arrayContaining(['atlas-1', 'atlas-reason', 'atlas-instant-fault-429']));
});

describe('pace', () => {
  const slow = useSandbox({ firstByteMs: 60, tokensPerSecond: 200 });

  test('keeps the configured first byte and rate, and instant models ignore it', async () => {
    const body = { messages: ask('Hi'), max_tokens: 20, stream: true as const };
    const time = async (model: string) => {
      const start = performance.now();
      const stream = await openaiClient(slow.url).chat.completions.create({ ...body, model });
      for await (const chunk of stream) if (chunk.choices[0]?.finish_reason) break;
      return performance.now() - start;
    };
    await time('atlas-instant');
    const instantMs = await time('atlas-instant');
    const pacedMs = await time('atlas-1');

    expect(pacedMs).toBeGreaterThanOrEqual(60 + (20 * 1_000) / 200 - 5);
    expect(instantMs).toBeLessThan(pacedMs);
  });

  test('ends when the client leaves, and counts it', async () => {
    const stream = await openaiClient(slow.url, 'left').chat.completions.create({
      model: 'atlas-1-length-5000',
      messages: ask('Go on.'),
      stream: true,
    });
    for await (const _chunk of stream) break;
    const stats = await poll(
      async () => (await fetch(`${slow.url}/_sandbox/stats`)).json() as Promise<{ providers: Record<string, object> }>,
      ({ providers }) => JSON.stringify(providers['left']).includes('"aborted":1'),
    );

    expect(stats.providers['left']).toMatchObject({ requests: 1, inFlight: 0, aborted: 1, finished: 0 });
  });
});

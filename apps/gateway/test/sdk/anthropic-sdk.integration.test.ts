import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** Anthropic's own SDK, unmodified: only `baseURL` and `apiKey` are set. The providers behind speak OpenAI's dialect. */
let market: SandboxMarket;
let client: Anthropic;
const clientOf = (apiKey: string) => new Anthropic({ baseURL: `${market.root}/api`, apiKey, maxRetries: 0 });
beforeAll(async () => {
  market = await openSandboxMarket();
  client = clientOf(market.key);
});
afterAll(() => market.stop());

const model = 'sandbox/atlas-instant';
const ask = { model, max_tokens: 400, messages: [{ role: 'user' as const, content: 'Tell me about the sea.' }] };
const weather: Anthropic.Tool = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const question: Anthropic.MessageParam = { role: 'user', content: 'Please use get_weather for Oslo.' };

function textOf({ content }: Anthropic.Message): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

/** What the usage says beyond Anthropic's own words. */
function costOf({ usage }: { readonly usage: object }): unknown {
  return Reflect.get(usage, 'cost');
}

describe('messages', () => {
  test('create: a text, why it ended, and what it cost, as its record says', async () => {
    const message = await client.messages.create({ ...ask, system: 'Be brief.' });
    expect(textOf(message).length).toBeGreaterThan(20);
    expect(message).toMatchObject({ type: 'message', role: 'assistant', model, stop_reason: 'end_turn' });
    expect(message.id).toMatch(/^gen-/);
    expect(message._request_id).toBe(message.id);
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    expect(costOf(message)).toBe((await market.generation(message.id)).total_cost);
  });

  test('stream: the helper puts the same answer together from pieces', async () => {
    const whole = await client.messages.create(ask);
    const stream = client.messages.stream(ask);
    const pieces: string[] = [];
    const costs: unknown[] = [];
    stream.on('text', (piece) => pieces.push(piece));
    stream.on('streamEvent', (event) => event.type === 'message_delta' && costs.push(costOf(event)));
    const message = await stream.finalMessage();
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.join('')).toBe(textOf(message));
    expect(message.content).toEqual(whole.content);
    expect(message.usage).toMatchObject({
      input_tokens: whole.usage.input_tokens,
      output_tokens: whole.usage.output_tokens,
    });
    expect(costs).toEqual([(await market.generation(message.id)).total_cost]);
  });

  test('an answer that is cut says so', async () => {
    const message = await client.messages.create({ ...ask, max_tokens: 12 });
    expect(message).toMatchObject({ stop_reason: 'max_tokens', stop_sequence: null, usage: { output_tokens: 12 } });
  });

  test('without max_tokens an answer is as long as it is', async () => {
    const answer = await client.post<Anthropic.Message>('/v1/messages', { body: { model, messages: ask.messages } });
    expect(answer.stop_reason).toBe('end_turn');
  });

  test('thinking comes in blocks of its own, before the text', async () => {
    const message = await client.messages.stream({ ...ask, model: 'sandbox/atlas-reason' }).finalMessage();
    expect(message.content.map((block) => block.type)).toEqual(['thinking', 'text']);
    expect(message.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
  });

  test('thinking that nobody signed may be sent back', async () => {
    const fields = { ...ask, model: 'sandbox/atlas-reason' };
    const first = await client.messages.create(fields);
    const next: Anthropic.MessageParam = { role: 'user', content: 'And the sky?' };
    const second = await client.messages.create({
      ...fields,
      messages: [...ask.messages, { role: 'assistant', content: first.content }, next],
    });
    expect(textOf(second).length).toBeGreaterThan(10);
  });

  test('pictures and documents reach the model', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
    const message = await client.messages.create({
      ...ask,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'A tide table.' },
              title: 'Tides',
            },
            { type: 'text', text: 'What is this?' },
          ],
        },
      ],
    });
    expect(message.usage.input_tokens).toBeGreaterThan(20);
  });
});

describe('tools', () => {
  test('a streamed call has its arguments in pieces, and the loop ends with an answer that has read the result', async () => {
    const fields = { ...ask, tools: [weather] };
    const first = await client.messages.stream({ ...fields, messages: [question] }).finalMessage();
    const call = first.content.find((block) => block.type === 'tool_use');
    if (call === undefined) throw new Error('no call');
    expect(call).toMatchObject({ name: 'get_weather', input: { city: expect.any(String) } });
    const result: Anthropic.MessageParam = {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: call.id, content: [{ type: 'text', text: 'It is 4 degrees.' }] }],
    };
    const last = await client.messages.create({
      ...fields,
      messages: [question, { role: 'assistant', content: first.content }, result],
    });
    expect(textOf(last)).toContain('It is 4 degrees.');
    expect(last.stop_reason).toBe('end_turn');
  });

  test('several calls at once are blocks of their own; one at a time when that is asked', async () => {
    const tools = [weather, { ...weather, name: 'get_time' }];
    const both: Anthropic.MessageParam = { role: 'user', content: 'Please use get_weather and get_time for Oslo.' };
    const fields = { ...ask, tools, messages: [both] };
    const parallel = await client.messages.stream(fields).finalMessage();
    const calls = parallel.content.filter((block) => block.type === 'tool_use');
    expect(calls.map((call) => call.name)).toEqual(['get_weather', 'get_time']);
    expect(new Set(calls.map((call) => call.id)).size).toBe(2);
    const serial = await client.messages.create({
      ...fields,
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    });
    expect(serial.content.filter((block) => block.type === 'tool_use')).toHaveLength(1);
  });

  test('any tool must be called, none may be', async () => {
    const fields = { ...ask, tools: [weather] };
    expect((await client.messages.create({ ...fields, tool_choice: { type: 'any' } })).stop_reason).toBe('tool_use');
    const none = await client.messages.create({ ...fields, messages: [question], tool_choice: { type: 'none' } });
    expect(none.stop_reason).toBe('end_turn');
  });

  test('a tool that only Anthropic runs is not pretended to exist elsewhere', async () => {
    const asked = client.messages.create({ ...ask, tools: [{ type: 'web_search_20250305', name: 'web_search' }] });
    await expect(asked).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});

test('structured output is valid', async () => {
  const schema = {
    type: 'object',
    properties: { name: { type: 'string' }, age: { type: 'integer' } },
    required: ['name', 'age'],
  };
  const message = await client.messages.create({ ...ask, output_config: { format: { type: 'json_schema', schema } } });
  expect(JSON.parse(textOf(message))).toEqual({ name: expect.any(String), age: expect.any(Number) });
});

test('tokens are counted without a charge', async () => {
  const short = await client.messages.countTokens({ model, messages: [{ role: 'user', content: 'Hi' }] });
  const long = await client.messages.countTokens({
    model,
    messages: ask.messages,
    system: 'Be brief.',
    tools: [weather],
  });
  expect(short.input_tokens).toBeGreaterThan(0);
  expect(long.input_tokens).toBeGreaterThan(short.input_tokens + 10);
  const unknown = client.messages.countTokens({ model: 'sandbox/no-such-model', messages: ask.messages });
  await expect(unknown).rejects.toBeInstanceOf(Anthropic.BadRequestError);
  const stranger = clientOf('sk-brs-v1-nobody').messages.countTokens({ model, messages: ask.messages });
  await expect(stranger).rejects.toMatchObject({
    status: 401,
    requestID: expect.stringMatching(/^req_/),
    type: 'authentication_error',
  });
});

test('the beta door and a bearer token lead to the same place', async () => {
  const bearer = new Anthropic({ baseURL: `${market.root}/api`, apiKey: null, authToken: market.key, maxRetries: 0 });
  const message = await bearer.beta.messages.create({ ...ask, betas: ['context-management-2025-06-27'] });
  expect(message.stop_reason).toBe('end_turn');
});

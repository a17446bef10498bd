import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, heldAmount, hi, type Market, openMarket, unknownKey } from './harness.ts';
import { beginStream, frames, hello, refuse } from './scripted-provider.ts';

/** The official SDK, unmodified: only `baseURL` and `apiKey` are set. */
let market: Market;
let client: OpenAI;
beforeAll(async () => {
  market = await openMarket();
  client = new OpenAI({ baseURL: market.url, apiKey: market.key, maxRetries: 0 });
});
afterAll(() => market.stop());

const model = hi.model;
const messages = [{ role: 'user' as const, content: 'hi' }];

test('chat', async () => {
  const completion = await client.chat.completions.create({ model, messages });
  expect(completion.choices[0]?.message.content).toBe('hello');
  expect(completion.usage?.total_tokens).toBe(15);
  expect(completion.id).toMatch(/^gen-/);
});

test('stream', async () => {
  const stream = await client.chat.completions.create({ model, messages, stream: true });
  let text = '';
  let usage: OpenAI.CompletionUsage | null | undefined = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage ?? usage;
  }
  expect(text).toBe('hello');
  expect(usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 5 });
});

test('tools: a streamed call with its arguments in pieces', async () => {
  const delta = (call: object) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: null }] })}\n\n`;
  const script = ({ response }: { response: import('node:http').ServerResponse }) => {
    beginStream(response);
    response.write(
      frames.role + delta({ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
    );
    response.write(delta({ index: 0, function: { arguments: '{"city":' } }));
    response.write(delta({ index: 0, function: { arguments: '"Oslo"}' } }));
    response.end(frames.finish.replace('"stop"', '"tool_calls"') + frames.usage(20, 8) + frames.done);
  };
  market.north.script = script;
  market.south.script = script;
  const runner = client.chat.completions.stream({
    model,
    messages,
    tools: [
      {
        type: 'function',
        function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      },
    ],
  });
  const completion = await runner.finalChatCompletion();
  const call = completion.choices[0]?.message.tool_calls?.[0];
  expect(call?.type === 'function' && call.function).toMatchObject({ name: 'weather', arguments: '{"city":"Oslo"}' });
  market.north.script = hello;
  market.south.script = hello;
});

test('abort', async () => {
  const script = ({ response }: { response: import('node:http').ServerResponse }) => {
    beginStream(response);
    response.write(frames.role + frames.text('never ending'));
  };
  market.north.script = script;
  market.south.script = script;
  const stream = await client.chat.completions.create({ model, messages, stream: true });
  for await (const _chunk of stream) stream.controller.abort();
  await eventually(
    () => heldAmount(market),
    (held) => held === 0n,
  );
  market.north.script = hello;
  market.south.script = hello;
});

test('error classes', async () => {
  const wrongKey = new OpenAI({ baseURL: market.url, apiKey: unknownKey(), maxRetries: 0 });
  await expect(wrongKey.chat.completions.create({ model, messages })).rejects.toBeInstanceOf(
    OpenAI.AuthenticationError,
  );
  await expect(client.chat.completions.create({ model, messages, temperature: 99 })).rejects.toBeInstanceOf(
    OpenAI.BadRequestError,
  );
  const management = new OpenAI({ baseURL: market.url, apiKey: market.managementKey, maxRetries: 0 });
  await expect(management.chat.completions.create({ model, messages })).rejects.toBeInstanceOf(
    OpenAI.PermissionDeniedError,
  );
  for (const [status, type] of [
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
  ] as const) {
    market.north.script = refuse(status);
    market.south.script = refuse(status);
    await expect(client.chat.completions.create({ ...hi, messages })).rejects.toBeInstanceOf(type);
  }
  market.north.script = hello;
  market.south.script = hello;
});

test('an error in the middle of a stream is raised by the SDK', async () => {
  const script = ({ response }: { response: import('node:http').ServerResponse }) => {
    beginStream(response);
    response.write(frames.text('partial'));
    setTimeout(() => response.destroy(), 20);
  };
  market.north.script = script;
  market.south.script = script;
  const stream = await client.chat.completions.create({ model, messages, stream: true });
  await expect(
    (async () => {
      for await (const _chunk of stream);
    })(),
  ).rejects.toBeInstanceOf(OpenAI.APIError);
  market.north.script = hello;
  market.south.script = hello;
});

test('models', async () => {
  const names: string[] = [];
  for await (const listed of client.models.list()) names.push(listed.id);
  expect(names).toContain(model);
});

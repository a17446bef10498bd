import type OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { openaiClient, useSandbox } from './harness.ts';

const sandbox = useSandbox({ firstByteMs: 0, tokensPerSecond: 1e6 });
const client = () => openaiClient(sandbox.url, 'sandbox-bay');
const ask = { model: 'harbor-instant', input: 'Write about lighthouses.', store: false } as const;
const think = {
  model: 'harbor-instant-reason',
  store: false,
  include: ['reasoning.encrypted_content'],
  reasoning: { summary: 'auto' },
} satisfies Partial<OpenAI.Responses.ResponseCreateParams>;
type Input = OpenAI.Responses.ResponseInput;
const tool = {
  type: 'function',
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: true,
} as const;

async function streamed(body: Parameters<OpenAI['responses']['stream']>[0]) {
  const stream = client().responses.stream(body);
  const types: string[] = [];
  for await (const { type } of stream) types.push(type);
  return { types, response: await stream.finalResponse() };
}

/** A request as it comes off the wire: the SDK's types would not let most of these through. */
async function refusal(body: object): Promise<{ status: number; message: string; code: string | null; param: string }> {
  const response = await fetch(`${sandbox.url}/providers/sandbox-bay/v1/responses`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-sandbox-test', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'harbor-instant', ...body }),
  });
  const { error } = (await response.json()) as { error: { message: string; code: string | null; param: string } }; // the sandbox's own form
  return { status: response.status, ...error };
}

describe('an answer', () => {
  test('is the same in one piece and in events, and counted alike', async () => {
    const whole = await client().responses.create(ask);
    const { types, response } = await streamed(ask);
    expect(whole.output_text.length).toBeGreaterThan(20);
    expect(response.output_text).toBe(whole.output_text);
    expect(response.usage?.output_tokens).toBe(whole.usage?.output_tokens);
    expect(types.at(-1)).toBe('response.completed');
  });

  test('that was cut short is incomplete', async () => {
    const { types, response } = await streamed({ ...ask, max_output_tokens: 16 });
    expect(types.at(-1)).toBe('response.incomplete');
    expect(response.incomplete_details).toEqual({ reason: 'max_output_tokens' });
    expect(response.usage?.output_tokens).toBe(16);
  });

  test('has the form that was asked for', async () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer' } },
      required: ['n'],
      additionalProperties: false,
    };
    const { output_text: text } = await client().responses.create({
      ...ask,
      text: { format: { type: 'json_schema', name: 'n', schema, strict: true } },
    });
    expect(JSON.parse(text)).toEqual({ n: expect.any(Number) });
  });

  test('may call a function, or a tool that takes text', async () => {
    const custom = { type: 'custom', name: 'run_shell' } as const;
    const { types, response } = await streamed({ ...ask, input: 'get_weather, then run_shell', tools: [tool, custom] });
    expect(response.output).toMatchObject([
      { type: 'function_call', name: 'get_weather', arguments: expect.stringContaining('city') },
      { type: 'custom_tool_call', name: 'run_shell', input: expect.any(String) },
    ]);
    expect(types).toContain('response.custom_tool_call_input.done');
  });
});

describe('thoughts', () => {
  async function thought(): Promise<{
    reasoning: OpenAI.Responses.ResponseReasoningItem;
    message: OpenAI.Responses.ResponseOutputMessage;
  }> {
    const { output } = await client().responses.create({ ...think, input: 'Why?' });
    const [reasoning, message] = output;
    if (reasoning?.type !== 'reasoning' || message?.type !== 'message') throw new Error('no thought');
    return { reasoning, message };
  }
  const user = { role: 'user', content: 'And?' } as const;

  test('come encrypted when asked for, with a summary when asked for', async () => {
    const { reasoning } = await thought();
    expect(reasoning.encrypted_content).toMatch(/^gAAA\./);
    expect(reasoning.summary[0]?.text.length).toBeGreaterThan(3);
    const { output } = await client().responses.create({ model: think.model, store: false, input: 'Why?' });
    expect(output[0]).toMatchObject({ type: 'reasoning', summary: [] });
    expect(output[0]).not.toHaveProperty('encrypted_content');
  });

  test('are accepted as they came', async () => {
    const { reasoning, message } = await thought();
    const { status } = await client().responses.create({ ...think, input: [user, reasoning, message, user] });
    expect(status).toBe('completed');
  });

  test.each<[string, (made: Awaited<ReturnType<typeof thought>>) => Input, RegExp]>([
    [
      'altered',
      ({ reasoning, message }) => [
        user,
        { ...reasoning, encrypted_content: `${reasoning.encrypted_content}x` },
        message,
        user,
      ],
      /could not be verified/,
    ],
    [
      'moved to another item',
      ({ reasoning, message }) => [user, { ...reasoning, id: 'rs_other' }, message, user],
      /could not be verified/,
    ],
    ['twice', ({ reasoning, message }) => [user, reasoning, reasoning, message, user], /Duplicate item found/],
    ['at the end', ({ reasoning }) => [user, reasoning], /without its required following item/],
    ['before a turn of the user', ({ reasoning }) => [user, reasoning, user], /without its required following item/],
    [
      'without what is encrypted',
      ({ reasoning, message }) => [user, { id: reasoning.id, type: 'reasoning', summary: [] }, message, user],
      /not persisted/,
    ],
  ])('are refused %s', async (_name, inputOf, sentence) => {
    const refused = client().responses.create({ ...think, input: inputOf(await thought()) });
    await expect(refused).rejects.toThrow(sentence);
  });
});

describe('what OpenAI refuses', () => {
  const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' };
  const output = { type: 'function_call_output', call_id: 'c1', output: 'ok' };
  test.each<[object, RegExp, string]>([
    [{ input: 'Hi', top_k: 5 }, /Unknown parameter: 'top_k'/, 'top_k'],
    [{ input: [{ role: 'user', content: 'Hi', cache_control: {} }] }, /Unknown parameter/, 'input[0].cache_control'],
    [
      { input: [{ role: 'user', content: [{ type: 'output_text', text: 'Hi' }] }] },
      /Invalid value/,
      'input[0].content[0].type',
    ],
    [
      { input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'Hi' }] }] },
      /Invalid value/,
      'input[0].content[0].type',
    ],
    [{ input: 'Hi', max_output_tokens: 5 }, /Invalid value/, 'max_output_tokens'],
    [{ input: [call] }, /No tool output found for function call c1/, 'input'],
    [{ input: [output] }, /No tool call found/, 'input'],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, /not found/, 'input'],
    [{ input: 'Hi', previous_response_id: 'resp_1' }, /not found/, 'previous_response_id'],
    [
      { input: 'Hi', tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: { a: {} } } }] },
      /Invalid schema/,
      'tools[0].parameters',
    ],
    [{}, /Invalid value/, 'input'],
  ])('%j', async (body, sentence, param) => {
    const refused = await refusal(body);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(refused.message).toMatch(sentence);
    expect(refused.param).toBe(param);
  });
});

describe('faults', () => {
  const faulty = (fault: string, isStreamed: boolean) =>
    fetch(`${sandbox.url}/providers/sandbox-bay/v1/responses`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer sk-sandbox-test',
        'content-type': 'application/json',
        'x-sandbox-fault': fault,
      },
      body: JSON.stringify({ ...ask, stream: isStreamed }),
    });

  test('in the middle of a stream are told in the form of this API', async () => {
    expect(await (await faulty('error-under-200', true)).text()).toMatch(
      /event: error\ndata: \{"type":"error".*\}\n\n$/s,
    );
    expect(await (await faulty('bad-json', true)).text()).toContain('data: {"type":"response.output_te\n\n');
    expect(await (await faulty('truncated', true)).text()).not.toContain('response.completed');
  });

  test('of usage are in its fields', async () => {
    expect(await (await faulty('missing-usage', false)).json()).toMatchObject({ status: 'completed', usage: null });
    expect(await (await faulty('absurd-usage-1', false)).json()).toMatchObject({ usage: { input_tokens: -17 } });
  });

  test('leave nothing of an empty answer, and no end', async () => {
    expect(await (await faulty('empty', false)).json()).toMatchObject({ status: null, output: [] });
    expect(await (await faulty('empty', true)).text()).not.toContain('response.completed');
  });

  test('refuse in the words of OpenAI', async () => {
    const response = await faulty('429', true);
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  });
});

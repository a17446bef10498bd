import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** The official SDK, unmodified, on `/responses` and `/completions`, before providers that speak of chat completions. */
let market: SandboxMarket;
let client: OpenAI;
beforeAll(async () => {
  market = await openSandboxMarket();
  client = new OpenAI({ baseURL: `${market.root}/api/v1`, apiKey: market.key, maxRetries: 0 });
});
afterAll(() => market.stop());

const model = 'sandbox/atlas-instant';
const weather: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: true,
};

type Item = OpenAI.Responses.ResponseOutputItem;
const isCall = (item: Item): item is OpenAI.Responses.ResponseFunctionToolCall => item.type === 'function_call';

/** What an answer was made of, as a client sends it back: all that these models make may be sent as it came. */
function replayed(output: readonly Item[]): OpenAI.Responses.ResponseInput {
  return output.filter((item) => item.type === 'message' || item.type === 'reasoning' || isCall(item));
}

/** The events of a stream, each taken by the SDK's own helper, which refuses what is out of place. */
async function streamed(body: Parameters<OpenAI['responses']['stream']>[0]) {
  const stream = client.responses.stream(body);
  const events: { type: string; sequence_number: number }[] = [];
  for await (const event of stream) events.push(event);
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  return { types: events.map(({ type }) => type), response: await stream.finalResponse() };
}

describe('responses', () => {
  test('create: text, usage with its cost, and the id of the generation', async () => {
    const { data, response } = await client.responses
      .create({ model, instructions: 'Be brief.', input: 'Write about lighthouses.', temperature: 0.5 })
      .withResponse();
    expect(data.output_text.length).toBeGreaterThan(20);
    expect(data).toMatchObject({
      object: 'response',
      status: 'completed',
      model,
      instructions: 'Be brief.',
      temperature: 0.5,
      store: false,
    });
    expect(data.id).toBe(response.headers.get('x-generation-id'));
    expect(data.usage?.total_tokens).toBe((data.usage?.input_tokens ?? 0) + (data.usage?.output_tokens ?? 0));
    const { total_cost: cost } = await market.generation(data.id);
    expect(data.usage).toMatchObject({ cost });
  });

  test('stream: every event in its place, and the same text as the whole answer', async () => {
    const body = { model, input: 'Write about lighthouses.' };
    const whole = await client.responses.create(body);
    const { types, response } = await streamed(body);
    expect(response.output_text).toBe(whole.output_text);
    expect(response.usage).toMatchObject({ output_tokens: whole.usage?.output_tokens ?? 0 });
    expect(types.slice(0, 5)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
    ]);
    expect(types.slice(-4)).toEqual([
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  test.each([[false], [true]])('tools: a call, its answer, and the last word (streamed: %s)', async (isStreamed) => {
    const ask = async (input: OpenAI.Responses.ResponseInput) =>
      isStreamed
        ? (await streamed({ model, input, tools: [weather] })).response
        : client.responses.create({ model, input, tools: [weather] });
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Call get_weather for Oslo.' }];
    const first = await ask(input);
    const made: readonly Item[] = first.output;
    const call = made.find(isCall);
    expect(call?.name).toBe('get_weather');
    expect(JSON.parse(call?.arguments ?? '')).toHaveProperty('city');
    input.push(...replayed(first.output), {
      type: 'function_call_output',
      call_id: call?.call_id ?? '',
      output: '{"sky":"clear"}',
    });
    const second = await ask(input);
    expect(second.output_text).toContain('{"sky":"clear"}');
  });

  test('parse: an answer in the form of a schema', async () => {
    const City = z.object({ name: z.string(), population: z.number() });
    const { output_parsed: city } = await client.responses.parse({
      model,
      input: 'Describe a city.',
      text: { format: zodTextFormat(City, 'city') },
    });
    expect(City.parse(city)).toEqual(city);
  });

  test('reasoning of a model that thinks is shown, and may be sent back', async () => {
    const body = { model: 'sandbox/atlas-reason', input: 'Why is the sky blue?' };
    const { types, response } = await streamed(body);
    const thought = response.output.find((item) => item.type === 'reasoning');
    expect(thought?.content?.[0]?.text.length).toBeGreaterThan(10);
    expect(types).toContain('response.reasoning_text.delta');
    expect(response.usage?.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
    const again = await client.responses.create({
      model: 'sandbox/atlas-reason',
      input: [
        { role: 'user', content: body.input },
        ...replayed(response.output),
        { role: 'user', content: 'And red at dusk?' },
      ],
    });
    expect(again.status).toBe('completed');
  });

  test('an answer that was cut short says so', async () => {
    const body = { model, input: 'Write about lighthouses.', max_output_tokens: 16 };
    const whole = await client.responses.create(body);
    expect(whole).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    const { types } = await streamed(body);
    expect(types.at(-1)).toBe('response.incomplete');
  });

  test('a conversation that is too long is answered as incomplete, in both ways', async () => {
    const body = {
      model,
      input: 'word '.repeat(130_000),
      max_output_tokens: 16,
      provider: { only: ['sandbox-north'] },
    };
    const whole = await client.responses.create(body);
    expect(whole).toMatchObject({ status: 'incomplete', output: [], error_type: 'context_length_exceeded' });
    const { types, response } = await streamed(body);
    expect(types).toEqual(['response.created', 'response.in_progress', 'response.incomplete']);
    expect(response.status).toBe('incomplete');
  });
});

describe('errors of responses', () => {
  test.each([
    [{ store: true }, 'store'],
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ background: true }, 'background'],
    [{ temperature: 99 }, 'temperature'],
  ])('%j is a bad request that names its field', async (fields, param) => {
    const refused = client.responses.create({ model, input: 'Hi', ...fields });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(refused).rejects.toMatchObject({ param });
  });

  test('tools that run at a provider find no endpoint among those that speak another dialect', async () => {
    const refused = client.responses.create({ model, input: 'Hi', tools: [{ type: 'web_search' }] });
    await expect(refused).rejects.toMatchObject({ status: 404 });
  });

  test.each([
    ['429', OpenAI.RateLimitError],
    ['500', OpenAI.InternalServerError],
  ])('a provider that answers %s is an error of its class', async (fault, type) => {
    const body = { model: `sandbox/fault-${fault}`, input: 'Hi' };
    await expect(client.responses.create(body)).rejects.toBeInstanceOf(type);
    await expect(client.responses.create({ ...body, stream: true })).rejects.toBeInstanceOf(type);
  });

  test('a stream that breaks off ends with a failed response', async () => {
    const stream = await client.responses.create({
      model: 'sandbox/fault-reset-mid-stream',
      input: 'Hi',
      stream: true,
    });
    const events: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) events.push(event);
    const last = events.at(-1);
    expect(last).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error' } },
    });
  });
});

describe('completions', () => {
  const body = { model, prompt: 'Write about lighthouses.' };

  test('create', async () => {
    const completion = await client.completions.create(body);
    expect(completion).toMatchObject({ object: 'text_completion', model });
    expect(completion.choices[0]?.text.length).toBeGreaterThan(20);
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    const { total_cost: cost } = await market.generation(completion.id);
    expect(completion.usage).toMatchObject({ cost });
  });

  test('stream', async () => {
    const whole = await client.completions.create(body);
    const stream = await client.completions.create({ ...body, stream: true });
    let text = '';
    let tokens = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? '';
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect(text).toBe(whole.choices[0]?.text);
    expect(tokens).toBe(whole.usage?.completion_tokens);
  });

  test.each([
    [{ prompt: ['a', 'b'] }, 'prompt'],
    [{ prompt: [1, 2] }, 'prompt'],
    [{ echo: true }, 'echo'],
  ])('%j is refused by its field', async (fields, param) => {
    await expect(client.completions.create({ ...body, ...fields })).rejects.toMatchObject({ status: 400, param });
  });
});

import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** A provider that speaks the Responses dialect alone, for clients of that dialect (relayed) and of chat completions (translated). */
let market: SandboxMarket;
let client: OpenAI;
beforeAll(async () => {
  market = await openSandboxMarket();
  client = new OpenAI({ baseURL: `${market.root}/api/v1`, apiKey: market.key, maxRetries: 0 });
});
afterAll(() => market.stop());
afterEach(async () => {
  await fetch(`${market.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
});

/** The provider's next call goes wrong like this. */
async function breakNext(fault: string): Promise<void> {
  const order = { provider: 'sandbox-bay', fault, count: 1 };
  const response = await fetch(`${market.sandbox.url}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  expect(response.ok).toBe(true);
}

const model = 'sandbox/harbor-instant';
const thinker = 'sandbox/harbor-reason';
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};

type Item = OpenAI.Responses.ResponseOutputItem;
const isThought = (item: Item) => item.type === 'reasoning';
const isCall = (item: Item): item is OpenAI.Responses.ResponseFunctionToolCall => item.type === 'function_call';

function replayed(output: readonly Item[]): OpenAI.Responses.ResponseInput {
  return output.filter((item) => item.type === 'message' || item.type === 'reasoning' || isCall(item));
}

async function streamed(body: Parameters<OpenAI['responses']['stream']>[0]) {
  const stream = client.responses.stream(body);
  const types: string[] = [];
  for await (const { type } of stream) types.push(type);
  return { types, response: await stream.finalResponse() };
}

describe('clients of the same dialect', () => {
  test.each([[false], [true]])(
    'get the answer as it came, with our id and its cost (streamed: %s)',
    async (isStreamed) => {
      const body = { model, input: 'Write about harbours.', instructions: 'Be brief.' };
      const response = isStreamed ? (await streamed(body)).response : await client.responses.create(body);
      expect(response).toMatchObject({ model, status: 'completed', instructions: 'Be brief.', store: false });
      expect(response.id).toMatch(/^gen-/);
      expect(response.output_text.length).toBeGreaterThan(20);
      const { total_cost: cost, provider_name: provider } = await market.generation(response.id);
      expect(response.usage).toMatchObject({ cost });
      expect(provider).toBe('Baywater Sandbox');
    },
  );

  test.each([[false], [true]])(
    'send thoughts and calls back, and both are accepted (streamed: %s)',
    async (isStreamed) => {
      const tools: OpenAI.Responses.FunctionTool[] = [
        { type: 'function', name: 'get_weather', parameters, strict: true },
      ];
      const reasoning = { effort: 'low', summary: 'auto' } as const;
      const ask = async (input: OpenAI.Responses.ResponseInput) => {
        const body = { model: thinker, input, tools, reasoning };
        return isStreamed ? (await streamed(body)).response : client.responses.create(body);
      };
      const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Call get_weather for Oslo.' }];
      const first = await ask(input);
      const made: readonly Item[] = first.output;
      expect(made.filter(isThought)).toMatchObject([
        { encrypted_content: expect.stringMatching(/^gAAA/), summary: [{}] },
      ]);
      const output = {
        type: 'function_call_output',
        call_id: made.find(isCall)?.call_id ?? '',
        output: 'rain',
      } as const;
      // Twice, as clients do that gather what they have: the provider would refuse it.
      input.push(...replayed(made), ...replayed(made).filter((item) => item.type === 'reasoning'), output);
      const second = await ask(input);
      expect(second.output_text).toContain('rain');
    },
  );

  test('learn of an altered thought what the provider says', async () => {
    const { output } = await client.responses.create({ model: thinker, input: 'Why?' });
    const altered = replayed(output).map((item) =>
      item.type === 'reasoning' ? { ...item, encrypted_content: `${item.encrypted_content}x` } : item,
    );
    const input = [...altered, { role: 'user', content: 'And?' } as const];
    const refused = client.responses.create({ model: thinker, input });
    await expect(refused).rejects.toThrow(/could not be verified/);
    await expect(refused).rejects.toMatchObject({ status: 400 });
  });

  test('may call tools that take text', async () => {
    const tools = [{ type: 'custom', name: 'run_shell' } as const];
    const { types, response } = await streamed({ model, input: 'Use run_shell.', tools });
    expect(response.output).toMatchObject([{ type: 'custom_tool_call', name: 'run_shell', input: expect.any(String) }]);
    expect(types).toContain('response.custom_tool_call_input.done');
  });

  test.each([['error-under-200'], ['reset-mid-stream'], ['truncated'], ['bad-json']])(
    'a stream with the fault %s ends with a failed response',
    async (fault) => {
      await breakNext(`${fault}-8`);
      const stream = await client.responses.create({ model, input: 'Write about harbours.', stream: true });
      let last: OpenAI.Responses.ResponseStreamEvent | undefined;
      for await (const event of stream) last = event;
      expect(last).toMatchObject({ type: 'response.failed', response: { status: 'failed' } });
    },
  );

  test.each([['empty'], ['500'], ['bad-json'], ['html-200']])(
    'a whole answer with the fault %s is an error',
    async (fault) => {
      await breakNext(fault);
      await expect(client.responses.create({ model, input: 'Hi' })).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    },
  );

  test.each([['missing-usage'], ['absurd-usage']])('an answer with %s is counted by us', async (fault) => {
    await breakNext(fault);
    const response = await client.responses.create({ model, input: 'Write about harbours.' });
    expect(response.usage).toMatchObject({ is_estimated: true });
    expect(response.usage?.output_tokens).toBeGreaterThan(5);
  });
});

describe('clients of chat completions', () => {
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Write about harbours.' }];

  test('get text, finish and usage', async () => {
    const completion = await client.chat.completions.create({ model, messages, max_completion_tokens: 200 });
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
    const cut = await client.chat.completions.create({ model, messages, max_completion_tokens: 16 });
    expect(cut.choices[0]?.finish_reason).toBe('length');
    expect(cut.usage?.completion_tokens).toBe(16);
  });

  test('get the same text as a stream', async () => {
    const whole = await client.chat.completions.create({ model, messages });
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe(whole.choices[0]?.message.content);
  });

  test('have functions that are not strict, which this dialect would take them for', async () => {
    const loose = { type: 'object', properties: { city: { type: 'string' } } };
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters: loose } } as const];
    const asked: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Call get_weather.' }];
    const { choices } = await client.chat.completions.create({ model, messages: asked, tools });
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ type: 'function' }] } });
  });

  test.each([[false], [true]])(
    'send encrypted thoughts back in reasoning_details (streamed: %s)',
    async (isStreamed) => {
      const tools = [{ type: 'function', function: { name: 'get_weather', parameters } } as const];
      const asked: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Call get_weather for Oslo.' }];
      const body = { model: thinker, messages: asked, tools };
      const message = isStreamed
        ? (await client.chat.completions.stream(body).finalChatCompletion()).choices[0]?.message
        : (await client.chat.completions.create(body)).choices[0]?.message;
      const call = message?.tool_calls?.[0];
      if (message === undefined || call === undefined) throw new Error('no call');
      const details: unknown = Reflect.get(message, 'reasoning_details');
      expect(JSON.stringify(details)).toContain('gAAA.');
      const answered = { role: 'tool', tool_call_id: call.id, content: 'rain' } as const;
      const { choices } = await client.chat.completions.create({ ...body, messages: [...asked, message, answered] });
      expect(choices[0]?.message.content).toContain('rain');
    },
  );

  test('may go on with another model: what it cannot read stays behind', async () => {
    const first = await client.chat.completions.create({ model: thinker, messages });
    const message = first.choices[0]?.message;
    if (message === undefined) throw new Error('no message');
    const next = { role: 'user', content: 'And?' } as const;
    const elsewhere = await client.chat.completions.create({
      model: 'sandbox/atlas-instant',
      messages: [...messages, message, next],
    });
    expect(elsewhere.choices[0]?.finish_reason).toBe('stop');
  });
});

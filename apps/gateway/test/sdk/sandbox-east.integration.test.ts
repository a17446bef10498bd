import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openSandboxMarket, type SandboxMarket } from './sandbox-market.ts';

/** A provider that speaks Anthropic's dialect alone, as strictly as Anthropic: for its own clients (relayed) and OpenAI's (translated). */
let market: SandboxMarket;
let anthropic: Anthropic;
let openai: OpenAI;
beforeAll(async () => {
  market = await openSandboxMarket();
  anthropic = new Anthropic({ baseURL: `${market.root}/api`, apiKey: market.key, maxRetries: 0 });
  openai = new OpenAI({ baseURL: `${market.root}/api/v1`, apiKey: market.key, maxRetries: 0 });
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
    body: JSON.stringify({ provider: 'sandbox-east', fault, count: 1 }),
  });
  expect(response.ok).toBe(true);
}

const model = 'sandbox/lantern-instant';
const thinker = 'sandbox/lantern-reason';
const hi = { role: 'user' as const, content: 'Write about lanterns.' };
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=';
const long = 'A long story. '.repeat(600);
const sleepy = ['error-under-200', 'reset-mid-stream', 'truncated', 'bad-json'];

const costOf = (usage: object | null | undefined): unknown => Reflect.get(usage ?? {}, 'cost');

describe('clients of the same dialect', () => {
  const ask = { model, max_tokens: 400, messages: [hi] };
  const tools: Anthropic.Tool[] = ['get_weather', 'get_time'].map((name) => ({
    name,
    input_schema: { ...schema, type: 'object' },
  }));
  const answer = (body: Anthropic.MessageCreateParamsNonStreaming, isStreamed: boolean) =>
    isStreamed ? anthropic.messages.stream(body).finalMessage() : anthropic.messages.create(body);

  test.each([[false], [true]])(
    'get the answer as it came, with our id and its cost (streamed: %s)',
    async (isStreamed) => {
      const told: unknown[] = [];
      const stream = isStreamed ? anthropic.messages.stream(ask) : null;
      stream?.on('streamEvent', (event) => event.type === 'message_delta' && told.push(costOf(event.usage)));
      const message = await (stream === null ? anthropic.messages.create(ask) : stream.finalMessage());
      expect(message).toMatchObject({ model, stop_reason: 'end_turn', usage: { service_tier: 'standard' } });
      expect(message.id).toMatch(/^gen-/);
      const record = await market.generation(message.id);
      expect(record.provider_name).toBe('Eastgate Sandbox');
      expect(isStreamed ? told : [costOf(message.usage)]).toEqual([record.total_cost]);
    },
  );

  test.each([[false], [true]])('send signed thoughts and calls back (streamed: %s)', async (isStreamed) => {
    const thinking = { type: 'enabled', budget_tokens: 1024 } as const;
    const fields = { model: thinker, max_tokens: 3000, thinking, tools };
    const asked: Anthropic.MessageParam = { role: 'user', content: 'Call get_weather and get_time for Oslo.' };
    const first = await answer({ ...fields, messages: [asked] }, isStreamed);
    expect(first.content.map(({ type }) => type)).toEqual(['thinking', 'tool_use', 'tool_use']);
    expect(first.usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
    const results = first.content.flatMap((block) =>
      block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'It rains.' }] : [],
    );
    const said: Anthropic.MessageParam = { role: 'assistant', content: first.content };
    const second = await answer({ ...fields, messages: [asked, said, { role: 'user', content: results }] }, isStreamed);
    expect(JSON.stringify(second.content)).toContain('It rains.');
  });

  test('learn of an altered thought what the provider says', async () => {
    const thinking = { type: 'thinking', thinking: 'forged', signature: 'c2ln' } as const;
    const messages: Anthropic.MessageParam[] = [hi, { role: 'assistant', content: [thinking] }, hi];
    const refused = anthropic.messages.create({ ...ask, messages });
    await expect(refused).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('Invalid `signature`'),
    });
  });

  test('may go on with a conversation that another model began: its thoughts stay behind', async () => {
    const first = await anthropic.messages.create({ ...ask, model: 'sandbox/atlas-reason' });
    expect(first.content[0]?.type).toBe('thinking');
    const messages: Anthropic.MessageParam[] = [hi, { role: 'assistant', content: first.content }, hi];
    expect((await anthropic.messages.create({ ...ask, messages })).stop_reason).toBe('end_turn');
  });

  test.each([[false], [true]])('pay what their cache wrote and read (streamed: %s)', async (isStreamed) => {
    const text = `${isStreamed}. ${long}`;
    const mark = { type: 'ephemeral', ttl: '1h' } as const;
    const body = { ...ask, messages: [{ ...hi, content: [{ type: 'text' as const, text, cache_control: mark }] }] };
    const first = await answer(body, isStreamed);
    expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(1000);
    const second = await answer(body, isStreamed);
    expect(second.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens);
    const costs = await Promise.all([first, second].map(async ({ id }) => (await market.generation(id)).total_cost));
    expect(costs[0]).toBeGreaterThan(5 * (costs[1] ?? 0));
  });

  test.each(sleepy)('a stream with the fault %s ends with an error event', async (fault) => {
    await breakNext(`${fault}-6`);
    await expect(anthropic.messages.stream(ask).finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
  });

  test.each(['empty', '500', 'bad-json', 'html-200', 'reset'])(
    'a whole answer with the fault %s is an error',
    async (fault) => {
      await breakNext(fault);
      await expect(anthropic.messages.create(ask)).rejects.toBeInstanceOf(Anthropic.InternalServerError);
    },
  );

  test.each([
    'missing-usage',
    'absurd-usage-0',
    'absurd-usage-1',
    'absurd-usage-2',
    'absurd-usage-3',
    'absurd-usage-4',
  ])('an answer with %s is counted by us, whole or streamed', async (fault) => {
    for (const isStreamed of [false, true]) {
      await breakNext(fault);
      const { usage } = await answer(ask, isStreamed);
      expect(usage.output_tokens).toBeGreaterThan(5);
      expect(usage.output_tokens).toBeLessThan(1000);
    }
  });
});

describe('clients of chat completions', () => {
  const ask = { model, max_completion_tokens: 400, messages: [hi] };
  const tools = ['get_weather', 'get_time'].map((name) => ({
    type: 'function' as const,
    function: { name, parameters: schema },
  }));
  const answer = async (body: OpenAI.ChatCompletionCreateParamsNonStreaming, isStreamed: boolean) => {
    const whole = isStreamed
      ? await openai.chat.completions.stream({ ...body, stream: true }).finalChatCompletion()
      : await openai.chat.completions.create(body);
    const [choice] = whole.choices;
    if (choice === undefined) throw new Error('no choice');
    return { ...whole, ...choice };
  };

  test.each([[false], [true]])('get text, finish, usage and cost (streamed: %s)', async (isStreamed) => {
    const { id, message, finish_reason: reason, usage } = await answer(ask, isStreamed);
    expect(message.content?.length).toBeGreaterThan(20);
    expect(reason).toBe('stop');
    expect(costOf(usage)).toBe((await market.generation(id)).total_cost);
    expect((await answer({ ...ask, max_completion_tokens: 16 }, isStreamed)).finish_reason).toBe('length');
  });

  test.each([[false], [true]])('call several tools, and send thoughts back (streamed: %s)', async (isStreamed) => {
    const asked = { role: 'user' as const, content: 'Call get_weather and get_time for Oslo.' };
    const fields = { model: thinker, max_completion_tokens: 3000, tools, reasoning_effort: 'high' as const };
    const { message, finish_reason: reason } = await answer({ ...fields, messages: [asked] }, isStreamed);
    expect(reason).toBe('tool_calls');
    expect(message.tool_calls).toHaveLength(2);
    expect(Reflect.get(message, 'reasoning_details')).toMatchObject([{ format: 'anthropic-claude-v1' }]);
    const results = (message.tool_calls ?? []).map(({ id }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: 'It rains.',
    }));
    const last = await answer({ ...fields, messages: [asked, message, ...results] }, isStreamed);
    expect(last.message.content).toContain('It rains.');
  });

  test('one call at a time, a certain one, or none', async () => {
    const asked = { ...ask, messages: [{ ...hi, content: 'Call get_weather and get_time for Oslo.' }], tools };
    expect((await answer({ ...asked, parallel_tool_calls: false }, false)).message.tool_calls).toHaveLength(1);
    const named = { type: 'function' as const, function: { name: 'get_time' } };
    const { message } = await answer({ ...asked, tool_choice: named, reasoning_effort: 'high' }, false);
    expect(message.tool_calls).toMatchObject([{ function: { name: 'get_time' } }]);
    expect((await answer({ ...asked, tool_choice: 'none' }, false)).message.tool_calls).toBeUndefined();
  });

  test('show pictures and documents', async () => {
    const content: OpenAI.ChatCompletionContentPart[] = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
    ];
    expect((await answer({ ...ask, messages: [{ role: 'user', content }] }, false)).finish_reason).toBe('stop');
  });

  test('get JSON of their form, whatever bounds it has', async () => {
    const bounded = {
      type: 'object',
      properties: { name: { type: 'string', maxLength: 9 }, age: { oneOf: [{ type: 'integer', minimum: 1 }] } },
    };
    const format = { type: 'json_schema' as const, json_schema: { name: 'person', schema: bounded } };
    const { message } = await answer({ ...ask, response_format: format }, false);
    expect(JSON.parse(message.content ?? '')).toBeTypeOf('object');
  });

  test('send conversations that Anthropic would refuse as they are', async () => {
    const call = (id: string) => ({ id, type: 'function' as const, function: { name: 'look.up', arguments: '' } });
    const { finish_reason: reason } = await answer(
      {
        ...ask,
        temperature: 1.5,
        stop: [' '],
        messages: [
          { role: 'system', content: 'Be brief.' },
          hi,
          { role: 'user', content: ' ' },
          { role: 'assistant', content: null, tool_calls: [call('a:1')] },
          { role: 'tool', tool_call_id: 'a:1', content: '' },
          { role: 'assistant', content: null, tool_calls: [call('a:1')] },
          { role: 'tool', tool_call_id: 'a:1', content: 'ok' },
          { role: 'system', content: 'Still be brief.' },
          { role: 'assistant', content: '' },
          hi,
          { role: 'assistant', content: 'Lanterns are ' },
        ],
      },
      false,
    );
    expect(reason).toBe('stop');
  });

  test('read what a cache gave and took', async () => {
    const content = [{ type: 'text' as const, text: `chat ${long}`, cache_control: { type: 'ephemeral' } }];
    const body = { ...ask, messages: [{ role: 'user' as const, content }] };
    const written = (await answer(body, false)).usage;
    expect(Reflect.get(written?.prompt_tokens_details ?? {}, 'cache_write_tokens')).toBeGreaterThan(1000);
    const read = (await answer(body, false)).usage;
    expect(read?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(1000);
    expect(read?.prompt_tokens).toBe(written?.prompt_tokens);
  });

  test.each(sleepy)('a stream with the fault %s ends with an error', async (fault) => {
    await breakNext(`${fault}-6`);
    await expect(answer(ask, true)).rejects.toBeInstanceOf(OpenAI.APIError);
  });

  test.each(['empty', '401', '429', '500', '503', '529', 'bad-json', 'html-502'])(
    'a whole answer with the fault %s is an error of the right class',
    async (fault) => {
      await breakNext(fault);
      const type = fault === '429' ? OpenAI.RateLimitError : OpenAI.InternalServerError;
      await expect(answer(ask, false)).rejects.toBeInstanceOf(type);
    },
  );

  test.each(['missing-usage', 'absurd-usage'])('an answer with %s is counted by us', async (fault) => {
    await breakNext(fault);
    const { usage } = await answer(ask, false);
    expect(usage).toMatchObject({ is_estimated: true });
    expect(usage?.completion_tokens).toBeGreaterThan(5);
  });
});

import { describe, expect, test } from 'vitest';
import { useSandbox } from './harness.ts';

const world = useSandbox();

const hi = { role: 'user', content: 'Tell me about ledgers.' };
const ask = { model: 'lantern-instant', max_tokens: 400, messages: [hi] };
const tool = {
  name: 'look',
  input_schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
};
const thinking = { type: 'enabled', budget_tokens: 1024 };

async function call(body: object | string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${world.url}/providers/sandbox-east/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'sk-sandbox-east', 'anthropic-version': '2023-06-01', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
async function answer(body: object) {
  const response = await call({ ...ask, ...body });
  const told = await response.json();
  expect({ status: response.status, told }).toMatchObject({ status: 200 });
  return told;
}
async function events(body: object): Promise<{ type: string; [member: string]: unknown }[]> {
  const text = await (await call({ ...ask, ...body, stream: true })).text();
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, name, data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      const parsed = JSON.parse(data);
      expect(parsed.type).toBe(name);
      return parsed;
    });
}

describe('answers', () => {
  test('a text with its usage', async () => {
    expect(await answer({})).toMatchObject({
      id: expect.stringMatching(/^msg_/),
      type: 'message',
      role: 'assistant',
      model: 'lantern-instant',
      content: [{ type: 'text' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: expect.any(Number), output_tokens: expect.any(Number) },
    });
    expect(await answer({ max_tokens: 5 })).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 5 } });
  });

  test('a stream tells the same in pieces, each under its name', async () => {
    const { content, usage } = await answer({});
    const told = await events({});
    expect(told.map(({ type }) => type).filter((type) => type !== 'content_block_delta')).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    const text = told.map(({ delta }) => (delta as { text?: string } | undefined)?.text ?? '').join(''); // ours
    expect(text).toBe(content[0].text);
    expect(told.at(-2)).toMatchObject({ usage: { output_tokens: usage.output_tokens } });
  });

  test('calls, forms, and thoughts that are signed', async () => {
    const used = { role: 'user', content: 'Use look.' };
    expect(await answer({ tools: [tool], messages: [used] })).toMatchObject({
      content: [{ type: 'tool_use', name: 'look', input: { n: expect.any(Number) } }],
      stop_reason: 'tool_use',
    });
    const format = { type: 'json_schema', schema: tool.input_schema };
    const formed = await answer({ output_config: { format } });
    expect(JSON.parse(formed.content[0].text)).toEqual({ n: expect.any(Number) });
    const thought = await answer({ thinking, max_tokens: 2000 });
    expect(thought.content).toMatchObject([{ type: 'thinking', signature: expect.any(String) }, { type: 'text' }]);
    expect(thought.usage.output_tokens_details.thinking_tokens).toBeGreaterThan(0);
    const hidden = await answer({ thinking: { ...thinking, display: 'omitted' }, max_tokens: 2000 });
    expect(hidden.content[0]).toEqual({ ...thought.content[0], thinking: '' });
    const sealed = await answer({ model: 'lantern-sealed', thinking, max_tokens: 2000 });
    expect(sealed.content[0]).toMatchObject({ type: 'redacted_thinking' });
  });

  test('a prompt that is to be kept is written once and read then', async () => {
    const long = { type: 'text', text: 'A long story. '.repeat(600), cache_control: { type: 'ephemeral', ttl: '1h' } };
    const body = { model: 'lantern-kept', messages: [{ role: 'user', content: [long] }] };
    const { usage: first } = await answer(body);
    expect(first.cache_creation_input_tokens).toBeGreaterThan(1000);
    expect(first.cache_creation.ephemeral_1h_input_tokens).toBe(first.cache_creation_input_tokens);
    const { usage: second } = await answer(body);
    expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens);
    expect(second.cache_creation_input_tokens).toBe(0);
  });
});

const use = (id = 'x') => ({ type: 'tool_use', id, name: 'look', input: {} });
const result = (id = 'x') => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });
const says = (...content: object[]) => ({ role: 'assistant', content });
const tells = (...content: object[]) => ({ role: 'user', content });
const text = (words: string) => ({ type: 'text', text: words });
const mark = { cache_control: { type: 'ephemeral' } };

describe('what is refused', () => {
  test.each([
    [{ max_tokens: undefined }, /max_tokens/],
    [{ future_field: 1 }, /Unrecognized/],
    [{ temperature: 1.5 }, /temperature/],
    [{ stop_sequences: [' '] }, /whitespace/],
    [{ messages: [tells(text(' '))] }, /non-whitespace/],
    [{ messages: [says(text('x'))] }, /first message/],
    [{ messages: [hi, says(), hi] }, /non-empty/],
    [{ messages: [hi, says(text('x '))] }, /trailing whitespace/],
    [{ messages: [hi, says(use()), hi] }, /without `tool_result`/],
    [{ messages: [hi, says(use())] }, /without `tool_result`/],
    [{ messages: [tells(result())] }, /unexpected `tool_use_id`/],
    [{ messages: [hi, says(use()), tells(text('a'), result())] }, /must come first/],
    [{ messages: [hi, says(use(), use()), tells(result())] }, /unique/],
    [{ messages: [hi, says(use('a.b')), tells(result('a.b'))] }, /pattern/],
    [{ messages: [hi, says({ type: 'thinking', thinking: 'forged', signature: 'x' }), hi] }, /Invalid `signature`/],
    [{ messages: [hi, says({ type: 'redacted_thinking', data: 'x' }), hi] }, /Invalid `signature`/],
    [{ messages: [tells(...['1', '2', '3', '4', '5'].map((words) => ({ ...text(words), ...mark })))] }, /maximum of 4/],
    [
      {
        messages: [tells({ ...text('1'), ...mark }, { ...text('2'), cache_control: { type: 'ephemeral', ttl: '1h' } })],
      },
      /must not come after/,
    ],
    [{ thinking, max_tokens: 1024 }, /greater than/],
    [{ thinking, max_tokens: 2000, temperature: 0.5 }, /temperature/],
    [{ thinking, max_tokens: 2000, top_p: 0.5 }, /top_p/],
    [{ thinking, max_tokens: 2000, top_k: 5 }, /top_k/],
    [{ thinking, max_tokens: 2000, tools: [tool], tool_choice: { type: 'any' } }, /forces tool use/],
    [{ thinking, max_tokens: 2000, messages: [hi, says(use()), tells(result())] }, /Expected `thinking`/],
    [{ tool_choice: { type: 'auto' } }, /providing tools/],
  ])('%j', async (fields, sentence) => {
    const response = await call({ ...ask, ...fields });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringMatching(sentence) },
    });
  });

  test('no JSON, no key, another key, no version', async () => {
    expect((await call('{')).status).toBe(400);
    const stranger = await call(ask, { 'x-api-key': 'sk-ant-1' });
    expect(stranger.status).toBe(401);
    expect(await stranger.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
    const url = `${world.url}/providers/sandbox-east/v1/messages`;
    const bare = { method: 'POST', body: JSON.stringify(ask) };
    expect((await fetch(url, { ...bare, headers: { authorization: 'Bearer sk-sandbox-east' } })).status).toBe(401);
    expect((await fetch(url, { ...bare, headers: { 'x-api-key': 'sk-sandbox-east' } })).status).toBe(400);
  });
});

describe('faults', () => {
  const broken = (fault: string, stream: boolean) => call({ ...ask, stream }, { 'x-sandbox-fault': fault });

  test.each([
    ['429', 'rate_limit_error'],
    ['500', 'api_error'],
    ['529', 'overloaded_error'],
  ])('%s is told as %s', async (fault, type) => {
    const response = await broken(fault, false);
    expect(response.status).toBe(Number(fault));
    expect(await response.json()).toMatchObject({ type: 'error', error: { type } });
  });

  test('in the middle of a stream', async () => {
    expect(await (await broken('error-under-200', true)).text()).toMatch(
      /event: error\ndata: {"type":"error"[^\n]*\n\n$/,
    );
    expect(await (await broken('truncated', true)).text()).not.toContain('message_delta');
    expect(await (await broken('bad-json', true)).text()).toContain('data: {"type":"content_block_del\n');
  });

  test('of the usage, and of an answer without anything in it', async () => {
    expect(await (await broken('missing-usage', false)).json()).not.toHaveProperty('usage');
    expect(await (await broken('absurd-usage-1', false)).json()).toMatchObject({ usage: { input_tokens: -17 } });
    expect(await (await broken('empty', false)).json()).toMatchObject({ content: [], stop_reason: null });
  });
});

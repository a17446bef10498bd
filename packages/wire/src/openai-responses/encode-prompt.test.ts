import type { ReasoningFormat } from '@bourse/generation';
import { describe, expect, test } from 'vitest';
import { promptWith } from '../../test/any-answer.ts';
import { openaiChat } from '../openai-chat/index.ts';
import type { CallTarget } from '../wire-format.ts';
import { decodePrompt } from './decode-prompt.ts';
import { openaiResponses, openaiResponsesOf } from './index.ts';
import { sealDetail } from './reasoning-items.ts';

const target: CallTarget = {
  upstreamModel: 'up-1',
  isStreamed: false,
  outputTokensMax: null,
  endpointOutputTokensMax: null,
};
const model = 'acme/sprint';

const own = (fields: object, family: ReasoningFormat = 'openai-responses-v1', to = target) =>
  openaiResponsesOf(family).encodePrompt(decodePrompt({ model, input: 'Hi', ...fields }), to);
const fromChat = (fields: object) =>
  openaiResponses.encodePrompt(
    openaiChat.decodePrompt({ model, messages: [{ role: 'user', content: 'Hi' }], ...fields }),
    target,
  );

const user = { role: 'user', content: 'Hi' };
const thought = (id: string, encrypted: string) => ({
  type: 'reasoning',
  id,
  summary: [{ type: 'summary_text', text: 'S' }],
  encrypted_content: encrypted,
});
const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'ok' });

describe('a client of the same dialect', () => {
  test('has its own body forwarded: unknown fields survive, ours are set, those of the market stay behind', () => {
    const body = own(
      {
        models: ['acme/other'],
        provider: { only: ['x'] },
        api_base: 'http://evil',
        max_output_tokens: 100,
        max_tool_calls: 3,
        include: ['file_search_call.results'],
        reasoning: { effort: 'low', mode: 'pro', enabled: true },
        future_field: { a: [1] },
        store: false,
        background: false,
        truncation: 'disabled',
        stream: true,
      },
      'openai-responses-v1',
      { ...target, isStreamed: true, outputTokensMax: 40 },
    );
    expect(body).toEqual({
      model: 'up-1',
      input: 'Hi',
      max_output_tokens: 40,
      max_tool_calls: 3,
      include: ['file_search_call.results', 'reasoning.encrypted_content'],
      reasoning: { effort: 'low', mode: 'pro' },
      future_field: { a: [1] },
      store: false,
      stream: true,
    });
  });

  test('has its items put in order: no twins, no orphans, no ids that may be ours', () => {
    const input = [
      user,
      thought('rs_1', 'one'),
      thought('rs_1', 'one'),
      { ...call('c1'), id: 'fc_ours', signature: 'gemini', parsed_arguments: {} },
      call('c1'),
      output('c1'),
      output('c1'),
      call('lonely'),
      output('nobody'),
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      {
        role: 'assistant',
        id: 'msg_ours',
        content: [{ type: 'output_text', text: 'A', signature: 'gemini', parsed: null }],
      },
      thought('rs_2', 'leads to nothing'),
      user,
      thought('rs_3', 'last'),
    ];
    expect(own({ input })['input']).toEqual([
      user,
      thought('rs_1', 'one'),
      call('c1'),
      output('c1'),
      { type: 'web_search_call', id: 'ws_1', status: 'completed' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'A' }] },
      user,
    ]);
  });

  test.each<[string, object, ReasoningFormat, boolean]>([
    ['its own blob', thought('rs_1', 'raw'), 'openai-responses-v1', true],
    ['a blob whose maker nobody knows', thought('rs_1', 'raw'), 'xai-responses-v1', true],
    [
      'a blob marked as another family',
      { ...thought('rs_1', 'raw'), format: 'xai-responses-v1' },
      'openai-responses-v1',
      false,
    ],
    ['a sealed blob of its family', thought('rs_1', sealed('xai-responses-v1')), 'xai-responses-v1', true],
    ['a sealed blob of another family', thought('rs_1', sealed('google-gemini-v1')), 'openai-responses-v1', false],
    ['reasoning without a blob', { type: 'reasoning', id: 'rs_1', summary: [] }, 'openai-responses-v1', false],
  ])('%s: %j to %s', (_name, item, family, isSent) => {
    const sent = own({ input: [user, item, { role: 'assistant', content: 'A' }, user] }, family)['input'];
    expect(JSON.stringify(sent).includes('"reasoning"')).toBe(isSent);
    expect(JSON.stringify(sent)).not.toContain('bourse');
    expect(JSON.stringify(sent)).not.toContain('format');
  });
});

function sealed(format: ReasoningFormat): string {
  return sealDetail({ type: 'encrypted', data: 'raw', format }) ?? '';
}

describe('a client of another dialect', () => {
  test('has messages, calls and reasoning as items, each in its place', () => {
    const format = 'openai-responses-v1';
    const messages = [
      { role: 'system', content: 'S' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'T' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
          { type: 'file', file: { filename: 'f.pdf', file_data: 'data:application/pdf;base64,AA' } },
        ],
      },
      {
        role: 'assistant',
        content: 'Let me look.',
        reasoning_details: [
          { type: 'reasoning.summary', summary: 'Look.', id: 'rs_1', format },
          { type: 'reasoning.encrypted', data: 'gAAA', id: 'rs_1', format },
          { type: 'reasoning.text', text: 'foreign', signature: 's', format: 'anthropic-claude-v1' },
        ],
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'sunny' },
    ];
    expect(fromChat({ messages })['input']).toEqual([
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'S' }] },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'T' },
          { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'auto' },
          { type: 'input_file', filename: 'f.pdf', file_data: 'data:application/pdf;base64,AA' },
        ],
      },
      {
        type: 'reasoning',
        id: 'rs_1',
        summary: [{ type: 'summary_text', text: 'Look.' }],
        encrypted_content: 'gAAA',
      },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Let me look.' }] },
      { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c1', output: 'sunny' },
    ]);
  });

  test('has its settings in the words of the dialect; strictness is said, because unsaid it would be true', () => {
    const body = fromChat({
      tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }],
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: true,
      response_format: { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } },
      reasoning: { effort: 'low' },
      verbosity: 'high',
      max_tokens: 50,
      temperature: 1,
      logprobs: true,
      top_logprobs: 3,
      seed: 1,
      stop: ['x'],
    });
    expect(body).toMatchObject({
      model: 'up-1',
      store: false,
      max_output_tokens: 50,
      tools: [{ type: 'function', name: 'f', parameters: { type: 'object' }, strict: false }],
      tool_choice: { type: 'function', name: 'f' },
      parallel_tool_calls: true,
      text: {
        format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: false },
        verbosity: 'high',
      },
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['message.output_text.logprobs', 'reasoning.encrypted_content'],
      temperature: 1,
      top_logprobs: 3,
    });
    for (const field of ['seed', 'stop', 'logprobs', 'max_tokens', 'messages', 'stream'])
      expect(body).not.toHaveProperty(field);
  });

  test.each([
    [{ reasoning: { effort: 'none' } }, { effort: 'none' }],
    [{ reasoning: { effort: 'low', exclude: true } }, { effort: 'low' }],
    [{ reasoning: { enabled: true } }, { summary: 'auto' }],
    [{ reasoning: { max_tokens: 9, exclude: true } }, undefined],
    [{}, undefined],
  ])('%j asks for reasoning as %j', (fields, reasoning) => {
    expect(fromChat(fields)['reasoning']).toEqual(reasoning);
  });

  test('gets names of tools back that the dialect does not allow', () => {
    const name = 'weather.get:now';
    const prompt = openaiChat.decodePrompt({
      model,
      messages: [
        user,
        { role: 'assistant', tool_calls: [{ id: 'c1', function: { name, arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'ok' },
      ],
      tools: [
        { type: 'function', function: { name } },
        { type: 'function', function: { name: 'weather_get_now' } },
      ],
      tool_choice: { type: 'function', function: { name } },
    });
    expect(openaiResponses.encodePrompt(prompt, target)).toMatchObject({
      tools: [{ name: 'weather_get_now_2' }, { name: 'weather_get_now' }],
      tool_choice: { name: 'weather_get_now_2' },
      input: [{}, { type: 'function_call', name: 'weather_get_now_2' }, {}],
    });
    const called = { type: 'function_call', call_id: 'c2', name: 'weather_get_now_2', arguments: '{}' };
    const body = { status: 'completed', output: [called] };
    const event = { event: null, data: JSON.stringify({ type: 'response.completed', response: body }) };
    for (const { events } of [
      openaiResponses.decodeBody(body, prompt),
      openaiResponses.createDecoder(prompt).push(event),
    ]) {
      expect(events[0]).toMatchObject({ type: 'tool-call-start', callId: 'c2', name });
    }
  });

  test('sees a picture that a model made in a turn of the user', () => {
    const images = [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }];
    const messages = [user, { role: 'assistant', content: 'Here.', images }, user];
    expect(fromChat({ messages })['input']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ type: 'output_text', text: 'Here.' }] },
      { role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AA' }] },
      { role: 'user' },
    ]);
  });
});

describe('what the dialect has no words for', () => {
  const image = { type: 'image', url: 'https://a/b.png' } as const;
  test.each([
    ['nothing', {}, null],
    ['a picture', { messages: [{ role: 'user', content: [image] }] }, null],
    ['two answers', { choiceCount: 2 }, 'several_choices'],
    ['spoken answers', { outputModalities: ['text', 'audio'] }, 'audio_output'],
    ['pictures as answers', { outputModalities: ['text', 'image'] }, 'image_output'],
    [
      'sound',
      { messages: [{ role: 'user', content: [{ type: 'audio', base64: 'AA', format: 'wav' }] }] },
      'audio_input',
    ],
    ['film', { messages: [{ role: 'user', content: [{ type: 'video', url: 'https://a' }] }] }, 'video_input'],
  ] as const)('%s', (_name, fields, feature) => {
    expect(openaiResponses.lacks(promptWith(fields))).toBe(feature);
  });
});

import { isAppError } from '@bourse/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePrompt } from './decode-prompt.ts';
import { withCurrentFields } from './legacy-fields.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const weather = { name: 'weather', description: 'd', parameters: { type: 'object' } };

describe('fields that OpenAI has given up', () => {
  test('a prompt text is one user message', () => {
    expect(withCurrentFields({ model: 'a/b', prompt: 'Hi' })).toEqual({ model: 'a/b', messages });
    expect(withCurrentFields({ prompt: 'Hi', messages: null })).toEqual({ messages });
  });

  test.each([
    { messages, prompt: 'ignored' },
    { prompt: 5 },
    { prompt: null },
    { messages, tools: [], functions: [weather] },
    { messages, tool_choice: 'auto', function_call: 'none' },
    { messages, functions: null, function_call: null },
    { messages, functions: {} },
    { messages },
    {},
  ])('%j is left as it is', (body) => {
    expect(withCurrentFields(body)).toBe(body);
  });

  test('functions are tools', () => {
    expect(withCurrentFields({ messages, functions: [weather] })).toEqual({
      messages,
      tools: [{ type: 'function', function: weather }],
    });
  });

  test.each([
    ['auto', 'auto'],
    ['none', 'none'],
    [{ name: 'weather' }, { type: 'function', function: { name: 'weather' } }],
  ])('the choice %j is %j', (function_call, tool_choice) => {
    expect(withCurrentFields({ messages, functions: [weather], function_call })).toMatchObject({ tool_choice });
    expect(withCurrentFields({ messages, function_call })).toEqual({ messages, tool_choice });
  });

  test('a whole conversation: the call has the name of its function for an id, and so has the answer to it', () => {
    const call = { name: 'weather', arguments: '{"city":"Oslo"}' };
    const prompt = decodePrompt({
      model: 'a/b',
      functions: [weather],
      function_call: { name: 'weather' },
      messages: [
        { role: 'user', content: 'Rain?' },
        { role: 'assistant', content: null, name: 'Anna', function_call: call },
        { role: 'function', name: 'weather', content: 'dry' },
        { role: 'assistant', content: 'No.', function_call: null },
      ],
    });
    expect(prompt).toMatchObject({
      tools: [weather],
      toolChoice: { type: 'tool', name: 'weather' },
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          name: 'Anna',
          content: [],
          toolCalls: [{ callId: 'weather', name: 'weather', argumentsText: '{"city":"Oslo"}' }],
        },
        { role: 'tool', callId: 'weather', content: [{ type: 'text', text: 'dry' }] },
        { role: 'assistant', toolCalls: [] },
      ],
      parameters: ['tools', 'tool_choice'],
      extensions: {},
    });
    expect(prompt.source.body).not.toHaveProperty('functions');
    expect(prompt.source.body).not.toHaveProperty('function_call');
  });

  test.each([
    ['a function without a name', { functions: [{ description: 'd' }] }, 'tools[0].function.name'],
    ['a function that is text', { functions: ['f'] }, 'tools[0].function'],
    ['a choice without a name', { functions: [weather], function_call: {} }, 'tool_choice.function.name'],
    [
      'an answer of a nameless function',
      { functions: [weather], messages: [{ role: 'function', content: 'x' }] },
      'messages[0].tool_call_id',
    ],
    [
      'a call without a name',
      { functions: [weather], messages: [{ role: 'assistant', content: null, function_call: {} }] },
      'messages[0].tool_calls[0].id',
    ],
  ])('%s is refused', (_name, fields, path) => {
    try {
      decodePrompt({ model: 'a/b', messages, ...fields });
      expect.unreachable();
    } catch (error) {
      expect(isAppError(error) && error.metadata).toEqual({ path });
    }
  });

  test('the body of the client is not changed', () => {
    const body = {
      prompt: 'Hi',
      functions: [weather],
      function_call: { name: 'weather' },
      messages: [{ role: 'assistant', function_call: { name: 'weather' } }],
    };
    const before = structuredClone(body);
    withCurrentFields(body);
    expect(body).toEqual(before);
  });

  test('no body makes it throw', () => {
    const field = fc.constantFrom('prompt', 'messages', 'functions', 'function_call', 'tools', 'tool_choice');
    const turn = fc.record(
      { role: fc.constantFrom('function', 'assistant', null), name: fc.jsonValue(), function_call: fc.jsonValue() },
      { requiredKeys: [] },
    );
    const value = fc.oneof(fc.array(turn), fc.jsonValue());
    fc.assert(
      fc.property(fc.dictionary(field, value), (body) => {
        withCurrentFields(JSON.parse(JSON.stringify(body)));
      }),
      { numRuns: 500 },
    );
  });
});

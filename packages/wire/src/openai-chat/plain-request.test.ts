import { isJsonObject } from '@bourse/generation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isPlainRequest } from './plain-request.ts';
import { chatRequestSchema } from './schema.ts';

const plain = { model: 'maker/one', messages: [{ role: 'user', content: 'Hello' }] };

test.each([
  [plain],
  [{ ...plain, stream: true, max_tokens: 256, temperature: 0.7, top_p: 1, max_completion_tokens: 10_000_000 }],
  [
    {
      messages: [
        { role: 'system', content: '' },
        { role: 'assistant', content: '\u{1f680}' },
      ],
    },
  ],
  [{}],
])('%j is plain, and the schema hands it on as it is', (body) => {
  expect(isPlainRequest(body)).toBe(true);
  expect(chatRequestSchema.parse(body)).toEqual(body);
});

test.each([
  ['no message', { ...plain, messages: [] }],
  ['too many messages', { ...plain, messages: Array.from({ length: 1_001 }, () => plain.messages[0] ?? {}) }],
  ['a message that is null', { ...plain, messages: [null] }],
  ['parts', { ...plain, messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] }],
  ['a call of a tool', { ...plain, messages: [{ role: 'assistant', content: '', tool_calls: [] }] }],
  ['the answer of a tool', { ...plain, messages: [{ role: 'tool', content: 'x' }] }],
  ['a field that is null', { ...plain, stream: null }],
  ['a number that no double holds', JSON.parse('{"temperature":1e999}')],
  ['half a token', { ...plain, max_tokens: 0.5 }],
  ['a prototype', JSON.parse('{"__proto__":{"stream":true}}')],
  ['a field that nobody knows', { ...plain, mirostat: 2 }],
])('%s is left to the schema', (_, body) => {
  expect(isPlainRequest(body)).toBe(false);
});

/** Mostly what is right for a field, now and then anything. */
const mostly = <Value>(right: fc.Arbitrary<Value>) =>
  fc.oneof({ arbitrary: right, weight: 20 }, { arbitrary: fc.jsonValue(), weight: 1 });
const anyText = fc.oneof(fc.constantFrom('', 'maker/one', 'not a model'), fc.string({ unit: 'binary' }));
const anyCap = fc.oneof(fc.integer({ min: 1, max: 10_000_000 }), fc.constantFrom(0, 0.5, 10_000_001));
const anyKnob = fc.double({ min: -0.1, max: 2.1, noNaN: true });
/** What JSON leaves out. */
const absent = mostly(fc.constant(undefined));
const anyMessage = fc.record(
  {
    role: mostly(fc.constantFrom('system', 'developer', 'user', 'assistant')),
    content: mostly(anyText),
    name: absent,
  },
  { requiredKeys: ['role', 'content'] },
);
const anyBody = fc.record(
  {
    model: mostly(fc.constantFrom('maker/one', 'a:b@c~d', 'x'.repeat(200))),
    messages: mostly(fc.array(mostly(anyMessage), { maxLength: 3 })),
    stream: mostly(fc.boolean()),
    max_tokens: mostly(anyCap),
    max_completion_tokens: mostly(anyCap),
    temperature: mostly(anyKnob),
    top_p: mostly(anyKnob),
    user: absent,
  },
  { requiredKeys: [] },
);

test('what is taken for plain is what the schema accepts, to the last member', () => {
  let plainBodies = 0;
  fc.assert(
    fc.property(anyBody, (drawn) => {
      const body: unknown = JSON.parse(JSON.stringify(drawn));
      if (!isJsonObject(body) || !isPlainRequest(body)) return;
      plainBodies += 1;
      expect(chatRequestSchema.safeParse(body)).toEqual({ success: true, data: body });
    }),
    { numRuns: 3_000 },
  );
  expect(plainBodies).toBeGreaterThan(100);
});

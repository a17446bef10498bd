import type { PipelineStep } from '@bourse/generation';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { healing, healJson } from './response-healing.ts';

test.each([
  ['a fence', '```json\n{"a": 1}\n```', { a: 1 }],
  ['a fence that nobody closed', '```json\n{"a": 1}', { a: 1 }],
  ['words around it', 'Here it is:\n{"a": {"b": "}"}}\nAnything else?', { a: { b: '}' } }],
  ['trailing commas', '{"a": [1, 2,],}', { a: [1, 2] }],
  ['single quotes and bare keys', "{a: 'x'}", { a: 'x' }],
  ['an end that was cut off', '{"a": {"b": [1, {"c": "d', { a: { b: [1, { c: 'd' }] } }],
  ['Python’s words', '{"a": True, "b": None}', { a: true, b: null }],
  ['comments', '{"a": 1 /* one */}', { a: 1 }],
  ['a list in a fence with words before', 'Sure!\n```\n[1, 2\n```', [1, 2]],
])('%s is mended', (_name, text, expected) => {
  expect(JSON.parse(healJson(text) ?? '')).toEqual(expected);
});

test.each(['', 'no idea', 'I cannot say.', '```\nnothing\n```', 'x'.repeat(2_000_000)])(
  'of %.20j nothing can be made, and it stays as it is',
  (text) => {
    const steps: PipelineStep[] = [];
    expect(healJson(text)).toBeNull();
    expect(healing(steps)(text)).toBe(text);
    expect(steps).toMatchObject([{ type: 'response_healing', data: { healed: false } }]);
  },
);

test('valid JSON is never touched, not even its white space, and nothing is said of it', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' ', '\n'), (json, space) => {
      const steps: PipelineStep[] = [];
      const text = `${space}${json}${space}`;
      expect(healing(steps)(text)).toBe(text);
      expect(steps).toEqual([]);
    }),
  );
});

test('an object that breaks off anywhere is JSON again, and says nothing that was not said', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.oneof(fc.integer(), fc.stringMatching(/^[a-z ]{0,12}$/)), {
        minKeys: 1,
      }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (object, share) => {
        const whole = JSON.stringify(object);
        const cut = whole.slice(0, Math.max(1, Math.floor(whole.length * share)));
        const healed = healJson(cut) ?? cut;
        const keys = Object.keys(JSON.parse(healed) as object);
        for (const key of keys) expect(Object.keys(object).some((said) => said.startsWith(key))).toBe(true);
      },
    ),
  );
});

test('whatever a model writes, mending it throws nothing and ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const healed = healJson(`{"a": ${text}`);
      if (healed !== null) expect(() => JSON.parse(healed)).not.toThrow();
    }),
  );
});

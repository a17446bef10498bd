import type { JsonValue, ReasoningDetail } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { thoughtPart } from './answer-parts.ts';
import { decodeThoughts, isSealed, sealOf, withoutForeignThoughts } from './foreign-thoughts.ts';

const signed: ReasoningDetail = { type: 'text', text: 'hm', signature: 'c2ln', format: 'anthropic-claude-v1' };
const encrypted: ReasoningDetail = { type: 'encrypted', data: 'gAAA', id: 'rs_1', format: 'openai-responses-v1' };

describe('what another family signed or encrypted', () => {
  test.each([[signed], [encrypted]])('comes back whole from a client: %j', (detail) => {
    expect(decodeThoughts([thoughtPart(detail) ?? {}])).toEqual([detail]);
  });

  test('is base64 all through, also when an SDK writes it in the other alphabet', () => {
    const words = fc.string({ unit: 'binary', minLength: 1 });
    fc.assert(
      fc.property(words, words, (text, signature) => {
        const detail: ReasoningDetail = { type: 'text', text, signature, format: 'anthropic-claude-v1' };
        const seal = sealOf(detail) ?? '';
        expect(isSealed(seal)).toBe(true);
        const rewritten = Buffer.from(seal, 'base64').toString('base64url');
        expect(decodeThoughts([{ text, thoughtSignature: rewritten }])).toEqual([
          { ...detail, signature: signature.toWellFormed() },
        ]);
      }),
    );
  });

  test('closes the pieces of a stream before it: they are the text that was signed', () => {
    const pieces = [
      { text: 'Let ' },
      { text: 'me see' },
      { text: '', thoughtSignature: sealOf(signed) },
      { text: 'b' },
    ];
    expect(decodeThoughts(pieces)).toEqual([
      { ...signed, text: 'Let me see' },
      { type: 'text', text: 'b', format: 'google-gemini-v1' },
    ]);
  });

  test('the words before a blob are its summary', () => {
    const common = { id: 'rs_1', format: 'openai-responses-v1' };
    expect(decodeThoughts([{ text: 'In short' }, { text: '', thoughtSignature: sealOf(encrypted) }])).toEqual([
      { type: 'summary', text: 'In short', ...common },
      { type: 'encrypted', data: 'gAAA', ...common },
    ]);
  });

  test("is not sealed when it is Google's own, or nobody's", () => {
    expect(sealOf({ ...signed, format: 'google-gemini-v1' })).toBeUndefined();
    expect(sealOf({ type: 'text', text: 'a', format: 'unknown' })).toBeUndefined();
    expect(sealOf({ type: 'summary', text: 'a', format: 'openai-responses-v1' })).toBeUndefined();
  });

  test.each(['Ym91cnNlLjEu', 'Ym91cnNlLjEu!', 'Ym91cnNlLjEue30=', 'Ym91cnNlLjEubnVsbA=='])(
    'a seal that was broken (%s) is no signature that Claude or OpenAI would see',
    (thoughtSignature) => {
      const [detail] = decodeThoughts([{ text: 'a', thoughtSignature }]);
      expect(['google-gemini-v1', 'unknown']).toContain(detail?.format);
    },
  );
});

describe("a client's own body for Google", () => {
  const thought = { text: 'hm', thought: true, thoughtSignature: sealOf(signed) ?? '' };
  const call = { functionCall: { name: 'f', args: {} } };
  const turn = (...parts: JsonValue[]): JsonValue => ({ role: 'model', parts });

  test('has no thoughts of others, and says for their calls that nobody signed them', () => {
    const contents = [turn({ text: 'h', thought: true }, thought, { text: 'Wait.' }, call, call), turn(thought)];
    expect(withoutForeignThoughts(contents, 'skip')).toEqual([
      turn({ text: 'Wait.' }, { thoughtSignature: 'skip', ...call }, call),
    ]);
    expect(withoutForeignThoughts(contents, null)).toEqual([turn({ text: 'Wait.' }, call, call)]);
  });

  test('is as it came where Google thought itself, whatever it holds', () => {
    const own = turn({ text: 'hm', thought: true, thoughtSignature: 'S' }, { ...call, thoughtSignature: 'T' });
    for (const content of [own, null, 3, 'a', {}, { parts: 'x' }, { parts: [null] }]) {
      expect(withoutForeignThoughts([content], 'skip')[0]).toBe(content);
    }
  });
});

import type { ToolDefinition } from '@bourse/generation';
import type { AnswerFacts } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import { ToolCallCheck } from './tool-call-check.ts';

const noFacts: AnswerFacts = {
  usage: null,
  isUsageUnreadable: false,
  finish: null,
  upstreamId: null,
  outputText: '',
  hasOutput: false,
  error: null,
};

const weather: ToolDefinition = {
  name: 'weather',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1 } },
    required: ['city'],
    additionalProperties: false,
  },
};

/** The verdict on calls that come in pieces of three characters. */
function verdictOn(tool: ToolDefinition, ...calls: readonly (readonly [name: string, argumentsText: string])[]) {
  const check = new ToolCallCheck([tool]);
  for (const [index, [name, text]] of calls.entries()) {
    const key = `0:${index}`;
    check.observe({ ...noFacts, toolCalls: [{ key, name, argumentsText: '' }] });
    for (let at = 0; at < text.length; at += 3) {
      check.observe({ ...noFacts, toolCalls: [{ key, name: null, argumentsText: text.slice(at, at + 3) }] });
    }
  }
  return check.verdict();
}

const withSchema = (parameters: ToolDefinition['parameters']): ToolDefinition => ({
  name: 'weather',
  ...(parameters === undefined ? {} : { parameters }),
});

describe('ToolCallCheck', () => {
  test('says nothing of an answer without calls', () => {
    const check = new ToolCallCheck([weather]);
    check.observe({ ...noFacts, outputText: 'hello', hasOutput: true });
    expect(check.verdict()).toBeNull();
  });

  test('one broken call among several breaks the answer', () => {
    expect(verdictOn(weather, ['weather', '{"city":"Oslo"}'])).toBe('sound');
    expect(verdictOn(weather, ['weather', '{"city":"Oslo"}'], ['weather', '{"city":']) /* not JSON */).toBe('broken');
    expect(verdictOn(weather, ['weather', '{"city":"Oslo"}'], ['wether', '{"city":"Oslo"}'])).toBe('broken');
    expect(verdictOn(weather, ['weather', '{"city":"Oslo","days":0}'])).toBe('broken');
    expect(verdictOn(weather, ['weather', '{"town":"Oslo"}'])).toBe('broken');
  });

  test('no arguments are an empty set of them', () => {
    expect(verdictOn(weather, ['weather', ''])).toBe('broken');
    expect(verdictOn(withSchema({ type: 'object', properties: {} }), ['weather', ' '])).toBe('sound');
  });

  test('a schema that is missing, broken, too large or refers to itself is kept by everything', () => {
    const loop = { type: 'object', properties: { next: { $ref: '#' } }, required: ['never'] };
    const large = { allOf: Array.from({ length: 2_000 }, () => ({ required: ['never'] })) };
    for (const schema of [undefined, { type: 7 }, loop, large]) {
      expect(verdictOn(withSchema(schema), ['weather', '{}'])).toBe('sound');
    }
  });

  test('a pattern that would run for ever is not run, and a property of that name is checked', () => {
    const evil = {
      type: 'object',
      properties: { pattern: { type: 'string', pattern: '^(a+)+$' } },
      required: ['pattern'],
    };
    const startedMs = performance.now();
    expect(verdictOn(withSchema(evil), ['weather', JSON.stringify({ pattern: `${'a'.repeat(60)}!` })])).toBe('sound');
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(verdictOn(withSchema(evil), ['weather', '{"pattern":1}'])).toBe('broken');
    expect(verdictOn(withSchema(evil), ['weather', '{}'])).toBe('broken');
  });

  test('an answer with more than it may hold is not judged', () => {
    expect(verdictOn(weather, ['weather', `{"city":"${'x'.repeat(70_000)}`])).toBeNull();
    expect(verdictOn(weather, ...Array.from({ length: 33 }, () => ['wether', ''] as const))).toBeNull();
  });
});

import { expect, test } from 'vitest';
import { reasoningFormats, reasoningText } from './reasoning.ts';

test('the words of reasoning are joined in order, summaries among them, and blobs are no words', () => {
  expect(
    reasoningText([
      { type: 'text', text: 'a', signature: 'never shown', format: 'anthropic-claude-v1' },
      { type: 'encrypted', data: 'never shown', format: 'openai-responses-v1' },
      { type: 'summary', text: 'b', format: 'openai-responses-v1' },
      { type: 'text', text: 'c', format: 'unknown' },
    ]),
  ).toBe('abc');
});

test('no reasoning, or only blobs, has no words', () => {
  expect(reasoningText([])).toBe('');
  expect(reasoningText([{ type: 'encrypted', data: 'x', format: 'google-gemini-v1' }])).toBe('');
});

test('the families are named once each, and "unknown" is one of them', () => {
  expect(new Set(reasoningFormats).size).toBe(reasoningFormats.length);
  expect(reasoningFormats).toContain('unknown');
});

import { expect, test } from 'vitest';
import { flagSentences } from './flag-words.ts';

test('an estimate says how it was counted, before anything else', () => {
  const sentences = flagSentences(['estimated', 'method:o200k_base', 'cancelled']);
  expect(sentences).toHaveLength(2);
  expect(sentences[0]).toContain('by o200k_base');
});

test('a cost that only we estimated, and flags without words, are no business of a receipt', () => {
  expect(flagSentences(['cost_estimated', 'method:bytes', 'something_new'])).toEqual([]);
});

import { expect, test } from 'vitest';
import { operationOf, operationSamples } from './operation-samples.ts';

test.each([
  [['text'], null],
  [['text', 'image'], null],
  [['image'], 'image'],
  [['embeddings'], 'embeddings'],
  [['rerank'], 'rerank'],
  [['speech'], 'speech'],
  [['transcription'], 'transcription'],
  [['video'], null],
] as const)('a model that makes %j has the operation %s', (modalities, operation) => {
  expect(operationOf(modalities)).toBe(operation);
});

test.each(['embeddings', 'rerank', 'image', 'speech', 'transcription'] as const)(
  'the first call of %s names the model in each language, and its own route',
  (operation) => {
    const samples = operationSamples({ apiUrl: 'https://api.example/api/v1', model: 'acme/one' }, operation);
    expect(samples.map(({ id }) => id)).toEqual(['curl', 'python', 'typescript']);
    for (const { code } of samples) {
      expect(code).toContain('acme/one');
      expect(code).not.toContain('chat/completions');
    }
    expect(samples[0]?.code).toMatch(/https:\/\/api\.example\/api\/v1\/(embeddings|rerank|images|audio)/);
  },
);

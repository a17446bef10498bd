import { describe, expect, test } from 'vitest';
import { generateId, generationId, isGenerationId } from './id.ts';

describe('generateId', () => {
  test('has its prefix and 22 random characters, never the same', () => {
    expect(generateId('org')).toMatch(/^org_[0-9A-Za-z]{22}$/);
    expect(new Set(Array.from({ length: 1000 }, () => generateId('key'))).size).toBe(1000);
  });
});

describe('generationId', () => {
  test('tells the second in which it was made, rounded down', () => {
    expect(generationId(1_786_000_000_999)).toMatch(/^gen-1786000000-[0-9A-Za-z]{20}$/);
  });

  test('is known as one', () => {
    expect(isGenerationId(generationId(1_786_000_000_000))).toBe(true);
  });

  test.each([
    '',
    'gen-',
    'gen-1786000000-short',
    'gen-1786000000-ABCDEFGHIJKLMNOPQRST\n',
    'xgen-1786000000-ABCDEFGHIJKLMNOPQRST',
    "gen-1786000000-ABCDEFGHIJKLMNOPQRS'",
    'gen-batch-1786000000-ABCDEFGHIJKLMNOPQ',
    'gen-123-ABCDEFGHIJKLMNOPQRST',
  ])('does not take %j for a generation id', (text) => {
    expect(isGenerationId(text)).toBe(false);
  });
});

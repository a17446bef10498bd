import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ApiKeyKind, apiKeyLabel, generateApiKey, parseApiKey } from './api-key.ts';

const kinds = fc.constantFrom<ApiKeyKind>('inference', 'management');

describe('generateApiKey', () => {
  test.each([
    ['inference', /^sk-brs-v1-[0-9A-Za-z]{49}$/],
    ['management', /^sk-brs-mgmt-v1-[0-9A-Za-z]{49}$/],
  ] as const)('an %s key has its documented form and is known as one', (kind, form) => {
    const key = generateApiKey(kind);
    expect(key).toMatch(form);
    expect(parseApiKey(key)).toBe(kind);
  });

  test('never makes the same key twice', () => {
    const keys = Array.from({ length: 1000 }, () => generateApiKey('inference'));
    expect(new Set(keys).size).toBe(1000);
  });
});

describe('parseApiKey', () => {
  test('refuses a key with any one character changed', () => {
    fc.assert(
      fc.property(kinds, fc.nat(), fc.constantFrom(...'0123456789ABCXYZabcxyz-_ é'), (kind, place, letter) => {
        const key = generateApiKey(kind);
        const at = place % key.length;
        const changed = key.slice(0, at) + letter + key.slice(at + 1);
        expect(parseApiKey(changed)).toBe(changed === key ? kind : null);
      }),
      { numRuns: 500 },
    );
  });

  test('refuses a key with two neighbours swapped', () => {
    fc.assert(
      fc.property(kinds, fc.nat(), (kind, place) => {
        const key = generateApiKey(kind);
        const at = place % (key.length - 1);
        const swapped = key.slice(0, at) + key.charAt(at + 1) + key.charAt(at) + key.slice(at + 2);
        expect(parseApiKey(swapped)).toBe(swapped === key ? kind : null);
      }),
      { numRuns: 300 },
    );
  });

  test('does not let one kind of key pass for the other', () => {
    const key = generateApiKey('inference');
    expect(parseApiKey(key.replace('sk-brs-v1-', 'sk-brs-mgmt-v1-'))).toBeNull();
    const management = generateApiKey('management');
    expect(parseApiKey(management.replace('sk-brs-mgmt-v1-', 'sk-brs-v1-'))).toBeNull();
  });

  test('refuses anything that is no key', () => {
    const key = generateApiKey('inference');
    for (const text of [
      '',
      'sk-brs-v1-',
      'sk-or-v1-abc',
      `${key} `,
      ` ${key}`,
      `${key}\n`,
      key.slice(0, -1),
      `${key}0`,
      key.toUpperCase(),
    ]) {
      expect(parseApiKey(text)).toBeNull();
    }
    fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), (text) => parseApiKey(text) === null));
  });

  test('knows a key from another day: the checksum may never change', () => {
    expect(parseApiKey(FIXED_KEY)).toBe('inference');
  });
});

/** Made once, 2026-11. If this stops being a key, every key that customers hold stops being one. */
const FIXED_KEY = 'sk-brs-v1-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1gcVUC';

describe('apiKeyLabel', () => {
  test('shows the prefix and six characters of the 49', () => {
    const key = generateApiKey('inference');
    expect(apiKeyLabel(key)).toBe(`sk-brs-v1-${key.slice(10, 13)}...${key.slice(-3)}`);
    const management = generateApiKey('management');
    expect(apiKeyLabel(management)).toBe(`sk-brs-mgmt-v1-${management.slice(15, 18)}...${management.slice(-3)}`);
  });
});

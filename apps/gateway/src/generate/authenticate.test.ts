import { describe, expect, test } from 'vitest';
import { presentedKey } from './authenticate.ts';

const keyIn = (headers: Readonly<Record<string, string>>) => presentedKey((name) => headers[name] ?? null);

describe('presentedKey', () => {
  test.each([
    ['Bearer sk-1', 'sk-1'],
    ['bearer sk-1', 'sk-1'],
    ['  BEARER \t  sk-1  ', 'sk-1'],
    ['Bearer Bearer', 'Bearer'],
  ])('%j presents %s', (authorization, key) => {
    expect(keyIn({ authorization })).toBe(key);
  });

  test.each([
    [''],
    ['Bearer'],
    ['Bearer '],
    ['Bearersk-1'],
    ['Basic sk-1'],
    ['sk-1'],
    ['Bearer sk-1 sk-2'],
    ['x Bearer sk-1'],
  ])('%j is refused with what it must be, and never falls back to another header', (authorization) => {
    expect(() => keyIn({ authorization, 'x-api-key': 'sk-2' })).toThrow('must be "Bearer <key>"');
  });

  test('without an Authorization header it is x-api-key, or nothing', () => {
    expect(keyIn({ 'x-api-key': 'sk-2' })).toBe('sk-2');
    expect(keyIn({})).toBeNull();
  });
});

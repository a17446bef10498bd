import { describe, expect, test } from 'vitest';
import { keyState } from './key-state.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const fresh = { disabledAt: null, expiresAt: null, deletedAt: null };
const before = new Date(now - 1);
const after = new Date(now + 1);

describe('keyState', () => {
  test('a key that nobody touched works for ever', () => {
    expect(keyState(fresh, now)).toBe('active');
  });

  test('a key works up to, and not at, the moment of its expiry', () => {
    expect(keyState({ ...fresh, expiresAt: after }, now)).toBe('active');
    expect(keyState({ ...fresh, expiresAt: new Date(now) }, now)).toBe('expired');
    expect(keyState({ ...fresh, expiresAt: before }, now)).toBe('expired');
  });

  test('a disabled or deleted key is disabled, whatever its expiry', () => {
    expect(keyState({ ...fresh, disabledAt: before }, now)).toBe('disabled');
    expect(keyState({ ...fresh, deletedAt: before }, now)).toBe('disabled');
    expect(keyState({ ...fresh, disabledAt: before, expiresAt: before }, now)).toBe('disabled');
  });

  test('a clock that runs behind does not revive a revoked key', () => {
    expect(keyState({ ...fresh, disabledAt: after }, now)).toBe('disabled');
    expect(keyState({ ...fresh, deletedAt: after }, now)).toBe('disabled');
  });
});

import { describe, expect, test } from 'vitest';
import { AppError, isAppError, toAppError } from './app-error.ts';
import { errorTable } from './error-table.ts';
import { assertNever, invariant } from './invariant.ts';

/** What a call throws, for looking at it. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('errorTable', () => {
  test('has a real HTTP status and a type word for every code', () => {
    for (const [code, { status, type }] of Object.entries(errorTable)) {
      expect(code).toMatch(/^[a-z_]+$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(type).toMatch(/^[a-z_]+$/);
    }
  });

  test('lets nobody retry what the request itself is to blame for', () => {
    for (const { status, retryable } of Object.values(errorTable)) {
      if (retryable) expect([408, 429, 502, 503, 504]).toContain(status);
    }
  });
});

describe('AppError', () => {
  test('carries its code, sentence and facts, and knows its rule', () => {
    const cause = new Error('socket');
    const error = new AppError('rate_limited', 'Slow down.', {
      detail: 'd',
      cause,
      metadata: { a: 1 },
      retryAfterSeconds: 3,
    });
    expect(error).toMatchObject({
      code: 'rate_limited',
      message: 'Slow down.',
      detail: 'd',
      metadata: { a: 1 },
      retryAfterSeconds: 3,
    });
    expect(error.cause).toBe(cause);
    expect(error.rule).toBe(errorTable.rate_limited);
    expect(error).toBeInstanceOf(Error);
  });

  test('without options has empty metadata and no cause at all', () => {
    const error = new AppError('internal', 'm');
    expect(error.metadata).toEqual({});
    expect('cause' in error).toBe(false);
    expect(error.detail).toBeUndefined();
  });

  test('keeps a cause that is falsy but given', () => {
    expect(new AppError('internal', 'm', { cause: null }).cause).toBeNull();
  });
});

describe('isAppError and toAppError', () => {
  test('know an AppError of another copy of the module', () => {
    class Foreign extends Error {
      override readonly name = 'AppError';
      readonly code = 'not_found';
      readonly rule = errorTable.not_found;
    }
    const foreign = new Foreign('m');
    expect(isAppError(foreign)).toBe(true);
    expect(toAppError(foreign)).toBe(foreign);
  });

  test.each([[null], [undefined], ['text'], [5], [{ name: 'AppError', code: 'x', rule: {} }], [new Error('AppError')]])(
    'do not take %o for one',
    (value) => {
      expect(isAppError(value)).toBe(false);
    },
  );

  test('mask anything else, and keep it as the cause', () => {
    const original = new Error('pg: password authentication failed');
    const error = toAppError(original);
    expect(error.code).toBe('internal');
    expect(error.message).not.toContain('pg');
    expect(error.cause).toBe(original);
    expect(toAppError('text').cause).toBe('text');
  });
});

describe('invariant and assertNever', () => {
  test('a true condition passes', () => {
    expect(() => invariant(1, 'x')).not.toThrow();
  });

  test.each([[false], [0], [''], [null], [undefined]])(
    '%o is a failure of ours, told to operators only',
    (condition) => {
      const error = thrownBy(() => invariant(condition, 'balance is negative'));
      expect(error).toMatchObject({ code: 'internal', detail: 'invariant: balance is negative' });
      expect(error).not.toMatchObject({ message: expect.stringContaining('balance') });
    },
  );

  test('a detail that costs something is put together only when somebody will read it', () => {
    expect(() => invariant(true, () => expect.unreachable('nothing is broken'))).not.toThrow();
    const error = thrownBy(() => invariant(false, () => `the sum is ${-1}`));
    expect(error).toMatchObject({ code: 'internal', detail: 'invariant: the sum is -1' });
  });

  test.each([
    ['tomorrow'],
    [5n],
    [undefined],
    [Symbol('x')],
    [{ type: 'new-event', text: 'secret prompt' }],
    [Object.create(null)],
  ])('an unforeseen value is an AppError whatever it is: %o', (value) => {
    const error = thrownBy(() => assertNever(value as never));
    expect(error).toMatchObject({ code: 'internal' });
    expect(isAppError(error) && error.detail).not.toContain('secret prompt');
  });

  test('an unforeseen member of a union is named by its type', () => {
    const error = thrownBy(() => assertNever({ type: 'new-event' } as never));
    expect(error).toMatchObject({ detail: expect.stringContaining('new-event') });
  });
});

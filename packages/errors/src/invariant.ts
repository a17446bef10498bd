import { AppError } from './app-error.ts';

/**
 * Throws a masked `internal` error when one of our own assumptions is broken. `detail` is for operators; a function where a request
 * passes, because a text is put together whether or not anybody will read it.
 */
export function invariant(condition: unknown, detail: string | (() => string)): asserts condition {
  if (condition) return;
  const text = typeof detail === 'string' ? detail : detail();
  throw new AppError('internal', 'Something failed on our side.', { detail: `invariant: ${text}` });
}

/** Names a value without showing its content (it may be a customer's): a union member by its `type`, a word as it is. */
function describeValue(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return 'type' in value && typeof value.type === 'string' ? `of type ${value.type}` : 'object';
}

/** Marks the end of an exhausted union: adding a member breaks the build here. Throws a masked `internal` error at run time. */
export function assertNever(value: never): never {
  const detail = `unexpected value ${describeValue(value)}`;
  throw new AppError('internal', 'Something failed on our side.', { detail });
}

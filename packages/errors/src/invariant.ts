import { AppError } from './app-error.ts';

/** Throws a masked `internal` error when one of our own assumptions is broken. `detail` is for operators. */
export function invariant(condition: unknown, detail: string): asserts condition {
  if (!condition) throw new AppError('internal', 'Something failed on our side.', { detail: `invariant: ${detail}` });
}

/** Marks the end of an exhausted union: adding a member breaks the build here. */
export function assertNever(value: never): never {
  throw new AppError('internal', 'Something failed on our side.', { detail: `unexpected value ${JSON.stringify(value)}` });
}

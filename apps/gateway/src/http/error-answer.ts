import { type AppError, toAppError } from '@bourse/errors';
import type { ServedFormat } from '@bourse/wire';

/** An error as HTTP. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Anything thrown, as the client's dialect tells it: never HTML, never a stack, unknown failures masked. */
export function errorAnswer(
  thrown: unknown,
  context: { readonly wire: ServedFormat; readonly generationId: string | null },
): ErrorAnswer {
  const error: AppError = toAppError(thrown);
  return {
    status: error.rule.status,
    headers: {
      'content-type': 'application/json',
      ...(context.generationId === null ? {} : { 'x-generation-id': context.generationId }),
      // The official SDKs repeat every 409, taking it for a lock that will open; most of ours never do.
      ...(error.code === 'conflict' && error.retryAfterSeconds === undefined ? { 'x-should-retry': 'false' } : {}),
      ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
    },
    body: JSON.stringify(context.wire.encodeError(error, { generationId: context.generationId })),
  };
}

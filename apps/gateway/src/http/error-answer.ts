import { type AppError, toAppError } from '@bourse/errors';
import { type ExtraMembers, type ServedFormat, withExtraMembers } from '@bourse/wire';

/** An error as HTTP. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a limit of ours says in its body, it says in headers too. */
function limitHeaders({ code, metadata }: AppError): Readonly<Record<string, string>> {
  const { headers } = metadata;
  if (code !== 'rate_limited' || typeof headers !== 'object' || headers === null) return {};
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

/** Anything thrown, as the client's dialect tells it: never HTML, never a stack, unknown failures masked. `extra` stands beside the error. */
export function errorAnswer(
  thrown: unknown,
  context: { readonly wire: ServedFormat; readonly generationId: string | null; readonly extra?: ExtraMembers | null },
): ErrorAnswer {
  const error: AppError = toAppError(thrown);
  const body = JSON.stringify(context.wire.encodeError(error, { generationId: context.generationId }));
  // A failure of ours says nothing but that.
  const extra = error.code === 'internal' ? null : (context.extra ?? null);
  return {
    status: error.rule.status,
    headers: {
      'content-type': 'application/json',
      ...(context.generationId === null ? {} : { 'x-generation-id': context.generationId }),
      // The official SDKs repeat every 409, taking it for a lock that will open; most of ours never do.
      ...(error.code === 'conflict' && error.retryAfterSeconds === undefined ? { 'x-should-retry': 'false' } : {}),
      ...limitHeaders(error),
      ...(error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) }),
    },
    body: extra === null ? body : withExtraMembers(body, extra),
  };
}

import { AppError, isAppError, toAppError } from '@bourse/errors';

/** Sockets, name lookups, and PostgreSQL's classes 08 (connection), 53 (resources), 57 (operator, timeout), 40 (deadlock); Prisma's own. */
const UNREACHABLE = /^(E(CONN|PIPE|HOST|NET|TIMEDOUT|AI_)|08|53|57|40|P1001|P1002|P1008|P1017|P2024|P2037)/;

/** What pg says in plain words, without a code. */
const UNREACHABLE_WORDS =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client (was|has) (already )?(closed|been closed)|not queryable/i;

function isUnreachable(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 4) return false;
  if ('code' in error && typeof error.code === 'string' && UNREACHABLE.test(error.code)) return true;
  if (UNREACHABLE_WORDS.test(error.message)) return true;
  if (error instanceof AggregateError && error.errors.some((inner) => isUnreachable(inner, depth + 1))) return true;
  return isUnreachable(error.cause, depth + 1);
}

/**
 * A failure of the database as an AppError: `service_unavailable` when it cannot be reached, is full, or gave up in time, else a
 * masked `internal`. It must never be mistaken for "no such key".
 */
export function databaseError(error: unknown): AppError {
  if (isAppError(error)) return error;
  if (!isUnreachable(error)) return toAppError(error);
  return new AppError('service_unavailable', 'The service is temporarily unavailable. Try again.', {
    cause: error,
    retryAfterSeconds: 1,
  });
}

/** The same object whose methods reject with `databaseError` of whatever they rejected with. */
export function withDatabaseErrors<Store extends object>(store: Store): Store {
  return new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...values: unknown[]) => {
        try {
          return await Reflect.apply(member, target, values);
        } catch (error) {
          throw databaseError(error);
        }
      };
    },
  });
}

/**
 * @bourse/errors — floor 0. Owns the table of error codes, the one error class, and the assertion helpers.
 * Refuses: HTTP objects, logging, wire formats (they encode an AppError, they do not define one).
 */
export { AppError, type AppErrorOptions, isAppError, toAppError } from './app-error.ts';
export { type ErrorCode, type ErrorRule, errorTable } from './error-table.ts';
export { assertNever, invariant } from './invariant.ts';

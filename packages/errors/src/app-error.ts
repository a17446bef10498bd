import { type ErrorCode, type ErrorRule, errorTable } from './error-table.ts';

/** What goes with an error beside its code and its sentence. */
export interface AppErrorOptions {
  /** For operators only: never leaves the process. */
  readonly detail?: string;
  /** The underlying failure; never leaves the process. */
  readonly cause?: unknown;
  /** Structured facts that the customer may read (path of the wrong field, provider name, what is needed ...). */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Seconds after which a retry may succeed; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** The one error that crosses layers. `message` is written for the customer, `detail` and `cause` are for us. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.metadata = options.metadata ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** HTTP status, type word and retryability of this error's code. */
  get rule(): ErrorRule {
    return errorTable[this.code];
  }
}

/** True for an AppError, also one from another copy of this module. */
export function isAppError(value: unknown): value is AppError {
  return value instanceof Error && value.name === 'AppError' && 'code' in value && 'rule' in value;
}

/** An AppError as it is; anything else as a masked `internal` with the original as cause. */
export function toAppError(value: unknown): AppError {
  if (isAppError(value)) return value;
  return new AppError('internal', 'Something failed on our side.', { cause: value });
}

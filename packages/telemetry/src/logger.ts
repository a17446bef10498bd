import { destination, pino } from 'pino';
import { scrub } from './scrub.ts';

/** Severities, quietest last. `silent` writes nothing. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Fields of a log line: primitives only. Durations end in Ms, amounts are decimal strings. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

const PAGE_BYTES = 4_096;
const FLUSH_MS = 250;

/** Writes one JSON line per event to standard output, without blocking the caller. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  /** `error` is reduced to its name, scrubbed message and stack; its own properties are not written. */
  error(event: string, error: unknown, fields?: LogFields): void;
  isEnabled(level: LogLevel): boolean;
}

function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: scrub(String(error)) };
  const detail = 'detail' in error && typeof error.detail === 'string' ? scrub(error.detail) : undefined;
  const cause = error.cause instanceof Error ? scrub(`${error.cause.name}: ${error.cause.message}`) : undefined;
  return { error: error.name, message: scrub(error.message), detail, cause, stack: scrub(error.stack ?? '') };
}

function scrubFields(fields: LogFields): LogFields {
  const clean: Record<string, LogFields[string]> = {};
  for (const [name, value] of Object.entries(fields)) clean[name] = typeof value === 'string' ? scrub(value) : value;
  return clean;
}

/** A logger for one process. `name` is the app's. */
export function createLogger(options: { readonly name: string; readonly level: LogLevel }): Logger {
  // Lines are gathered to pages: a write per line would cost a request more than its own work. pino flushes at exit.
  const output = destination({ dest: 1, sync: false, minLength: PAGE_BYTES });
  setInterval(() => output.flush(), FLUSH_MS).unref();
  const sink = pino({ level: options.level, base: { app: options.name }, messageKey: 'event' }, output);
  const write = (level: 'debug' | 'info' | 'warn', event: string, fields: LogFields | undefined): void => {
    if (!sink.isLevelEnabled(level)) return;
    sink[level](fields === undefined ? {} : scrubFields(fields), event);
  };
  return {
    debug: (event, fields) => write('debug', event, fields),
    info: (event, fields) => write('info', event, fields),
    warn: (event, fields) => write('warn', event, fields),
    error: (event, error, fields = {}) => sink.error({ ...scrubFields(fields), ...describeError(error) }, event),
    isEnabled: (level) => sink.isLevelEnabled(level),
  };
}

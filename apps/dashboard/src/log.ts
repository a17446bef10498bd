import 'server-only';
import { createLogger, type Logger } from '@bourse/telemetry';
import { env } from './env.ts';

let logger: Logger | undefined;

/** The log of this process, one JSON line per event on standard output. */
export function log(): Logger {
  logger ??= createLogger({ name: 'dashboard', level: env().LOG_LEVEL });
  return logger;
}

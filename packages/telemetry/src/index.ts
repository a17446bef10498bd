/**
 * @bourse/telemetry — floor 2. Owns structured logs and metrics. Refuses business words, and everything but primitive fields:
 * a log line cannot carry a request, a header bag or a prompt, because its type has no room for one.
 */
export { createLogger, type LogFields, type Logger, type LogLevel } from './logger.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { scrub } from './scrub.ts';

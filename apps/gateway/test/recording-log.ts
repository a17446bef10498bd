import type { Logger } from '@bourse/telemetry';

/** A logger that keeps the names of what it was told, warnings and errors only. */
export function recordingLog(): { readonly log: Logger; readonly events: string[] } {
  const events: string[] = [];
  const log: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (event) => void events.push(event),
    error: (event) => void events.push(event),
    isEnabled: () => true,
  };
  return { log, events };
}

import type { JsonObject } from '@bourse/generation';

/** The bytes of an event: in this dialect each has its name twice. */
export function frame(type: string, json: string): string {
  return `event: ${type}\ndata: ${json}\n\n`;
}

/** An event from its members. */
export function eventFrame(event: JsonObject & { readonly type: string }): string {
  return frame(event.type, JSON.stringify(event));
}

/** The end mark. */
export const messageStop = eventFrame({ type: 'message_stop' });

/** A sign of life that every client of this dialect knows. */
export const ping = eventFrame({ type: 'ping' });

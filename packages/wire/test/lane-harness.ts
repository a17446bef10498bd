import { createSseParser, type SseEvent } from '../src/sse.ts';
import type { AnswerBody, AnswerFacts, Lane, LaneEvent, UsageReport } from '../src/wire-format.ts';

const encoder = new TextEncoder();

/** The server-sent events of a text. */
export function parseFrames(text: string): SseEvent[] {
  const events: SseEvent[] = [];
  const parser = createSseParser((event) => events.push(event));
  parser.push(encoder.encode(text));
  parser.end();
  return events;
}

/** The bytes of a text, cut at these places (each is taken modulo the length). */
export function cutBytes(text: string, places: readonly number[]): Uint8Array[] {
  const bytes = encoder.encode(text);
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

/** What came of a stream: the bytes for the client, and all that was learned. */
export interface Passed {
  readonly text: string;
  readonly outputText: string;
  readonly hasOutput: boolean;
  readonly usage: AnswerFacts['usage'];
  readonly isUsageUnreadable: boolean;
  readonly finish: AnswerFacts['finish'];
  readonly upstreamId: string | null;
  readonly error: AnswerFacts['error'];
}

/** Sends the pieces of a stream along a lane as the gateway does: up to the end mark, a failure, or the end of the bytes. */
export function passThrough(lane: Lane, pieces: readonly Uint8Array[]): Passed {
  const taken: LaneEvent[] = [];
  let isOver = false;
  const take = (event: LaneEvent): void => {
    if (isOver) return;
    taken.push(event);
    isOver = event.isEnd || event.facts.error !== null;
  };
  const skim = (text: string, from: number): number => {
    const ahead = lane.ahead?.(text, from) ?? null;
    if (ahead !== null) take(ahead.event);
    return ahead?.end ?? from;
  };
  const parser = createSseParser((event) => take(lane.event(event)), { skim });
  for (const piece of pieces) parser.push(piece);
  parser.end();
  if (!isOver) take(lane.end());
  const facts = taken.map((event) => event.facts);
  const counted = facts.findLast(({ usage, isUsageUnreadable }) => usage !== null || isUsageUnreadable);
  return {
    text: taken.map((event) => event.text).join(''),
    outputText: facts.map(({ outputText }) => outputText).join(''),
    hasOutput: facts.some(({ hasOutput }) => hasOutput),
    usage: counted?.usage ?? null,
    isUsageUnreadable: counted?.isUsageUnreadable ?? false,
    finish: facts.findLast(({ finish }) => finish !== null)?.finish ?? null,
    upstreamId: facts.find(({ upstreamId }) => upstreamId !== null)?.upstreamId ?? null,
    error: facts.at(-1)?.error ?? null,
  };
}

/** A whole answer as its client gets it, where it is text. */
export function renderedText(body: AnswerBody, report: UsageReport): string {
  const rendered = body.render(report);
  if (typeof rendered !== 'string') throw new Error('bytes for a text');
  return rendered;
}

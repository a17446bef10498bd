import { fold, type GenerationEvent, type Prompt } from '@bourse/generation';
import { factsOf } from './facts.ts';
import { parseJson } from './parse-json.ts';
import type { AnswerBody, AnswerContext, CalledFormat, Decoded, Lane, LaneEvent, ServedFormat } from './wire-format.ts';

/** The two ends of a generation: what its client speaks, and what its provider speaks. */
export interface Crossing {
  readonly served: ServedFormat;
  readonly called: CalledFormat;
  /** The provider's answers are not quite the dialect that clients were promised: they are read and written anew even when the names agree. */
  readonly isRebuilt: boolean;
}

/** What the client is shown: reasoning that was excluded is paid and not shown. */
function shown(events: readonly GenerationEvent[], prompt: Prompt): readonly GenerationEvent[] {
  return prompt.reasoning?.isExcluded ? events.filter((event) => event.type !== 'reasoning-delta') : events;
}

/** Reads the provider's dialect and writes the client's, event by event. */
function translateLane({ served, called }: Crossing, context: AnswerContext): Lane {
  const { prompt } = context;
  const decoder = called.createDecoder(prompt);
  const encoder = served.createEncoder(context);
  const pass = (decoded: Decoded): LaneEvent => {
    const events = shown(decoded.events, prompt);
    const text = events.length === 0 ? '' : encoder.push(events);
    return { text, facts: factsOf(decoded), isEnd: decoded.isEnd };
  };
  return {
    event: (event) => pass(decoder.push(event)),
    end: () => pass(decoder.end()),
    finish: (report) => encoder.finish(report),
    fail: (error) => encoder.fail(error),
  };
}

/** True when an answer may pass as it comes, but for what is ours. */
function isRelayed({ served, called, isRebuilt }: Crossing, prompt: Prompt): boolean {
  return served.id === called.id && called.relay !== undefined && !isRebuilt && prompt.reasoning?.isExcluded !== true;
}

/** The way of a stream to its client: relayed where both speak the same dialect, else translated through the hub. */
export function openLane(crossing: Crossing, context: AnswerContext): Lane {
  const { relay } = crossing.called;
  return relay !== undefined && isRelayed(crossing, context.prompt)
    ? relay.open(context)
    : translateLane(crossing, context);
}

/** A whole answer on its way to its client. Never throws: what cannot be understood is in `facts.error`. */
export function openBody(text: string, crossing: Crossing, context: AnswerContext): AnswerBody {
  const { served, called } = crossing;
  if (called.relay !== undefined && isRelayed(crossing, context.prompt)) return called.relay.body(text, context);
  const decoded = called.decodeBody(parseJson(text), context.prompt);
  return {
    facts: factsOf(decoded),
    render: (report) => served.encodeBody(fold(shown(decoded.events, context.prompt)), context, report),
  };
}

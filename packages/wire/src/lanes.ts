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

/** What plugins tell with an answer. */
function annotations({ plugged }: Prompt): readonly GenerationEvent[] {
  if (plugged === undefined) return [];
  return [
    ...plugged.citations.map((citation) => ({ type: 'citation', choice: 0, citation }) as const),
    ...plugged.files.map((file) => ({ type: 'file-annotation', choice: 0, file }) as const),
  ];
}

/** The events with others before the end of the first choice; as they are where it does not end in them. */
function withAnnotations(events: readonly GenerationEvent[], added: readonly GenerationEvent[]) {
  const end = events.findIndex((event) => event.type === 'finish' && event.choice === 0);
  return end === -1 ? null : [...events.slice(0, end), ...added, ...events.slice(end)];
}

/** A whole answer as plugins want it. */
function edited(events: readonly GenerationEvent[], prompt: Prompt): readonly GenerationEvent[] {
  const { plugged } = prompt;
  if (plugged === undefined) return events;
  const { rewrite } = plugged;
  const added = annotations(prompt);
  const annotated = withAnnotations(events, added) ?? [...events, ...added];
  if (rewrite === null) return annotated;
  return annotated.map((event) => (event.type === 'text-delta' ? { ...event, text: rewrite(event.text) } : event));
}

/** Reads the provider's dialect and writes the client's, event by event. */
function translateLane({ served, called }: Crossing, context: AnswerContext): Lane {
  const { prompt } = context;
  const decoder = called.createDecoder(prompt);
  const encoder = served.createEncoder(context);
  let added: readonly GenerationEvent[] = annotations(prompt);
  const pass = (decoded: Decoded): LaneEvent => {
    let events = shown(decoded.events, prompt);
    if (added.length > 0) {
      const annotated = withAnnotations(events, added);
      if (annotated !== null) added = [];
      events = annotated ?? events;
    }
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

/** True when plugins want something of the answer. */
function isEdited({ plugged }: Prompt): boolean {
  return plugged !== undefined && (plugged.rewrite !== null || plugged.citations.length + plugged.files.length > 0);
}

/** True when an answer may pass as it comes, but for what is ours. */
function isRelayed({ served, called, isRebuilt }: Crossing, prompt: Prompt): boolean {
  return (
    served.id === called.id &&
    called.relay !== undefined &&
    !isRebuilt &&
    prompt.reasoning?.isExcluded !== true &&
    !isEdited(prompt)
  );
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
  const events = decoded.failure === null ? edited(shown(decoded.events, context.prompt), context.prompt) : [];
  return {
    facts: factsOf(decoded),
    render: (report) => served.encodeBody(fold(events), context, report),
  };
}

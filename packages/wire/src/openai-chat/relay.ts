import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { noFacts } from '../facts.ts';
import { type MemberEdits, scanMembers, spliceMembers } from '../json-members.ts';
import { parseJson } from '../parse-json.ts';
import { failureInBody, invalidResponse } from '../provider-failure.ts';
import type { SseEvent } from '../sse.ts';
import type { AnswerBody, AnswerContext, AnswerFacts, Lane, LaneEvent, Relay, ResponseHead } from '../wire-format.ts';
import { readFacts } from './answer-facts.ts';
import { errorFrame } from './errors.ts';
import { END_DATA, frame, usageFrames } from './frames.ts';
import { type ChunkForm, chunkFormOf, type RelayedChunk, takeLikeChunks } from './like-chunks.ts';
import { encodeUsage } from './usage.ts';

/** Members that say nothing by themselves: a chunk of only these and `usage` is a usage chunk. */
const ENVELOPE: ReadonlySet<string> = new Set([
  'id',
  'object',
  'created',
  'model',
  'provider',
  'system_fingerprint',
  'service_tier',
  'choices',
  'usage',
]);

const CHOICES_KEY = '"choices"';
const CHOICES = `${CHOICES_KEY}:0}`;

/**
 * The part of a chunk before `choices`, with ours in place of theirs. Nearly all chunks of a stream open with the same
 * bytes, so the opening is parsed and spliced once, and later chunks are compared with it.
 */
interface Opening {
  readonly source: string;
  /** The source and the key that follows it: a chunk that begins like this has exactly this opening. */
  readonly mark: string;
  readonly rewritten: string;
  readonly upstreamId: string | null;
  readonly isEnvelope: boolean;
}

interface StreamState {
  readonly edits: MemberEdits;
  opening: Opening | null;
  form: ChunkForm | null;
  /** Forms that were looked for: a stream whose chunks are all different is not searched for ever. */
  formsTried: number;
}

const FORMS_MAX = 4;

/** What is ours in a chunk or a body; `usage` is null where it is not known yet. */
function editsFor({ id, model, provider }: ResponseHead, usage: string | null): MemberEdits {
  return new Map([
    ['id', JSON.stringify(id)],
    ['model', JSON.stringify(model)],
    ['provider', JSON.stringify(provider)],
    ['usage', usage],
  ]);
}

/** The opening of a chunk; null when it has no `choices`, or has something that matters (usage, an error) before them. */
function readOpening(data: string, edits: MemberEdits): Opening | null {
  const members = scanMembers(data, 'choices');
  const choices = members.at(-1);
  if (choices?.key !== 'choices') return null;
  const source = data.slice(0, choices.start);
  const root = parseJson(source + CHOICES);
  if (!isJsonObject(root)) return null;
  const { usage, error, object, id } = root;
  if (usage !== undefined || (error !== undefined && error !== null) || object === 'error') return null;
  return {
    source,
    mark: source + CHOICES_KEY,
    rewritten: spliceMembers(source + CHOICES, edits, 'choices').slice(0, -CHOICES.length),
    upstreamId: typeof id === 'string' && id !== '' ? id : null,
    isEnvelope: members.every((member) => ENVELOPE.has(member.key)),
  };
}

function swallowed(facts: AnswerFacts): RelayedChunk {
  return { data: null, facts, isEnd: false };
}

/** True for a chunk without choices whose only news is its usage: ours replaces it at the end of the stream. */
function isUsageOnly(root: JsonObject): boolean {
  const { choices, usage } = root;
  return (
    Array.isArray(choices) &&
    choices.length === 0 &&
    isJsonObject(usage) &&
    Object.keys(root).every((key) => ENVELOPE.has(key))
  );
}

const WITHOUT_USAGE: MemberEdits = new Map([['usage', null]]);
const NULL_USAGE_END = ',"usage":null}';

/** The rest of a chunk without its usage. OpenAI ends every chunk with a null usage: that one is cut off unscanned. */
function withoutUsage(rest: string, usage: JsonValue): string {
  const isPlain = usage === null && rest.endsWith(NULL_USAGE_END);
  // Within a string the quotes would be escaped, so the last occurrence is this key; any other one takes the careful way.
  if (isPlain && rest.indexOf('"usage"') === rest.length - NULL_USAGE_END.length + 1) {
    return `${rest.slice(0, -NULL_USAGE_END.length)}}`;
  }
  return spliceMembers(`{${rest}`, WITHOUT_USAGE).slice(1);
}

/** The common chunk: an opening, then `choices` and whatever follows. Null when it is not of that kind. */
function relayChunk(data: string, state: StreamState): RelayedChunk | null {
  if (state.opening === null || !data.startsWith(state.opening.mark)) state.opening = readOpening(data, state.edits);
  const { opening } = state;
  if (opening === null) return null;
  const rest = data.slice(opening.source.length);
  const root = parseJson(`{${rest}`);
  if (!isJsonObject(root) || !Array.isArray(root['choices'])) return null;
  const { id, model, provider, usage } = root;
  if (id !== undefined || model !== undefined || provider !== undefined) return null;
  const facts = { ...readFacts(root, 'delta'), upstreamId: opening.upstreamId };
  if (facts.error || (opening.isEnvelope && isUsageOnly(root))) return swallowed(facts);
  const ending = usage === undefined ? rest : withoutUsage(rest, usage);
  return { data: opening.rewritten + ending, facts, isEnd: false };
}

/** Any other event: whatever it is, it is parsed as a whole. */
function relayOther({ event, data }: SseEvent, edits: MemberEdits): RelayedChunk {
  const root = parseJson(data);
  if (!isJsonObject(root)) {
    const message = 'The provider sent a stream event that is not a JSON object.';
    return swallowed({
      ...noFacts,
      error: event === 'error' ? failureInBody({ message: data }) : invalidResponse(message),
    });
  }
  const facts = readFacts(root, 'delta');
  if (facts.error) return swallowed(facts);
  if (event === 'error') return swallowed({ ...facts, error: failureInBody(root) });
  if (!Array.isArray(root['choices']) || isUsageOnly(root)) return swallowed(facts);
  return { data: spliceMembers(data, edits, 'choices'), facts, isEnd: false };
}

/**
 * One event. Swallowed: the end mark, the usage chunk, chunks without `choices` (a client would index into nothing), and
 * errors (they carry the provider's account names; the caller writes its own error event from `facts.error`).
 */
function relayEvent(event: SseEvent, state: StreamState): RelayedChunk {
  const { data } = event;
  if (data === END_DATA || data.trim() === END_DATA) return { data: null, facts: noFacts, isEnd: true };
  if (data === '' || data.trim() === '') return swallowed(noFacts);
  const chunk = event.event === null ? relayChunk(data, state) : null;
  if (chunk === null) return relayOther(event, state.edits);
  if (chunk.facts.outputText !== '' && state.formsTried < FORMS_MAX) {
    state.formsTried += 1;
    state.form = chunkFormOf(data, chunk);
  }
  return chunk;
}

function laneEvent({ data, facts, isEnd }: RelayedChunk): LaneEvent {
  return { text: data === null ? '' : frame(data), facts, isEnd };
}

const NOTHING: LaneEvent = { text: '', facts: noFacts, isEnd: false };

function open({ head }: AnswerContext): Lane {
  const state: StreamState = { edits: editsFor(head, null), opening: null, form: null, formsTried: 0 };
  return {
    event: (event) => laneEvent(relayEvent(event, state)),
    end: () => NOTHING,
    // Chunks of the form that the stream has shown are taken without being parsed; see `takeLikeChunks`.
    ahead(stream, from) {
      const taken = state.form === null ? null : takeLikeChunks(stream, from, state.form);
      return taken && { event: laneEvent(taken.chunk), end: taken.end };
    },
    finish: (report) => usageFrames(report, head),
    fail: (error) => errorFrame(error, head),
  };
}

/** An error under 200, what is no answer at all: the body is then not for the client. */
function relayBody(text: string, { head }: AnswerContext): AnswerBody {
  const root = parseJson(text);
  const facts = isJsonObject(root) ? readFacts(root, 'message') : noFacts;
  const choices = isJsonObject(root) ? root['choices'] : undefined;
  const hasChoices = Array.isArray(choices) && choices.length > 0;
  const error = facts.error ?? (hasChoices ? null : invalidResponse('The provider sent an answer without choices.'));
  return {
    facts: { ...facts, error },
    render: (report) => spliceMembers(text, editsFor(head, encodeUsage(report))),
  };
}

/** The relay lane of the openai-chat dialect. */
export const relay: Relay = { open, body: relayBody };

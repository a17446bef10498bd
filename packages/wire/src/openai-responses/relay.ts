import type { AppError } from '@bourse/errors';
import { isJsonObject, type JsonObject, type JsonValue, type ReasoningFormat } from '@bourse/generation';
import { factsOf, noFacts } from '../facts.ts';
import { scanMembers, spliceMembers } from '../json-members.ts';
import { parseJson } from '../parse-json.ts';
import { formatSse, type SseEvent } from '../sse.ts';
import type { AnswerBody, AnswerContext, Lane, LaneEvent, Relay, ResponseHead, UsageReport } from '../wire-format.ts';
import { AnswerReader } from './answer-reader.ts';
import { decodeBody, readEvent } from './decoder.ts';
import { END_FRAME, FrameWriter } from './frames.ts';
import { isToldAsIncomplete, outputText, responseText } from './response-object.ts';
import { encodeUsage } from './usage.ts';

const LAST: ReadonlySet<string> = new Set(['response.completed', 'response.incomplete']);

/** The response as it came, with what is ours in it. `usage` is JSON text. */
function spliceResponse(text: string, { id, model, provider }: ResponseHead, usage: string): string {
  const edits = new Map([
    ['id', JSON.stringify(id)],
    ['model', JSON.stringify(model)],
    ['provider', JSON.stringify(provider)],
    ['usage', usage],
  ]);
  return spliceMembers(text, edits);
}

/** The same of an event that has a response; any other stays as it is. */
function spliceEvent(data: string, head: ResponseHead, usage: string): string {
  const response = scanMembers(data).findLast(({ key }) => key === 'response');
  if (response === undefined || data[response.valueStart] !== '{') return data;
  const text = data.slice(response.valueStart, response.valueEnd);
  return data.slice(0, response.valueStart) + spliceResponse(text, head, usage) + data.slice(response.valueEnd);
}

interface StreamState {
  readonly reader: AnswerReader;
  /** Items that are whole, for the last word of an answer that breaks off. */
  readonly done: JsonObject[];
  /** The number that the next event would have. */
  sequence: number;
  hasBegun: boolean;
  /** The last event: it says what the answer costs, and waits until that is known. */
  held: SseEvent | null;
}

function observe(root: JsonObject, state: StreamState): void {
  const { sequence_number: sequence, item, type } = root;
  if (typeof sequence === 'number' && sequence >= state.sequence) state.sequence = sequence + 1;
  if (type === 'response.created') state.hasBegun = true;
  if (type === 'response.output_item.done' && isJsonObject(item)) state.done.push(item);
}

/** An event and its data, parsed. */
interface Arrived {
  readonly event: SseEvent;
  readonly root: JsonObject;
}

/** What the client gets of an event. Errors are swallowed: they name the provider's accounts, and the caller writes its own. */
function passed({ event, root }: Arrived, { head }: AnswerContext, state: StreamState): string {
  const type: JsonValue | undefined = root['type'];
  if (typeof type === 'string' && LAST.has(type)) {
    state.held = event;
    return '';
  }
  const data = 'response' in root ? spliceEvent(event.data, head, 'null') : event.data;
  return formatSse({ event: event.event, data });
}

function relayEvent(event: SseEvent, context: AnswerContext, state: StreamState): LaneEvent {
  const root = parseJson(event.data);
  const decoded = readEvent(event, root, state.reader);
  const facts = factsOf(decoded);
  if (!isJsonObject(root) || decoded.failure !== null) return { text: '', facts, isEnd: decoded.isEnd };
  observe(root, state);
  return { text: passed({ event, root }, context, state), facts, isEnd: decoded.isEnd };
}

function lastFrames(context: AnswerContext, state: StreamState, report: UsageReport): string {
  const { held } = state;
  if (held === null) return END_FRAME;
  return formatSse({ event: held.event, data: spliceEvent(held.data, context.head, encodeUsage(report)) }) + END_FRAME;
}

function failureFrames(context: AnswerContext, state: StreamState, error: AppError): string {
  const isShort = isToldAsIncomplete(error);
  const status = isShort ? 'incomplete' : 'failed';
  const incompleteReason = isShort ? 'max_output_tokens' : null;
  const ended = { status, incompleteReason, error, output: state.done } as const;
  const frames = new FrameWriter(state.sequence);
  const begun = { status: 'in_progress', incompleteReason: null, error: null, output: [] } as const;
  const created = state.hasBegun ? '' : frames.writeResponse('response.created', responseText(context, begun, 'null'));
  return created + frames.writeResponse(`response.${status}`, responseText(context, ended, 'null')) + END_FRAME;
}

function open(context: AnswerContext, family: ReasoningFormat): Lane {
  const reader = new AnswerReader(family);
  const state: StreamState = { reader, done: [], sequence: 0, hasBegun: false, held: null };
  return {
    event: (event) => relayEvent(event, context, state),
    end: () => ({ text: '', facts: noFacts, isEnd: true }),
    finish: (report) => lastFrames(context, state, report),
    fail: (error) => failureFrames(context, state, error),
  };
}

function relayBody(text: string, { head }: AnswerContext, family: ReasoningFormat): AnswerBody {
  const root = parseJson(text);
  return {
    facts: factsOf(decodeBody(root, family)),
    render(report) {
      const body = spliceResponse(text, head, encodeUsage(report));
      const output = isJsonObject(root) ? root['output'] : undefined;
      if (!Array.isArray(output)) return body;
      // OpenAI's SDKs add it by themselves; OpenRouter's clients read it.
      return spliceMembers(body, new Map([['output_text', JSON.stringify(outputText(output))]]));
    },
  };
}

/** The relay lane of this dialect: unknown fields, items and events pass byte for byte. */
export function createRelay(family: ReasoningFormat): Relay {
  return {
    open: (context) => open(context, family),
    body: (text, context) => relayBody(text, context, family),
  };
}

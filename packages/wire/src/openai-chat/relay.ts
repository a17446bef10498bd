import { AppError } from '@bourse/errors';
import { isJsonObject, type JsonObject } from '@bourse/generation';
import { type JsonMember, type MemberEdits, scanMembers, spliceMembers } from '../json-members.ts';
import type { Relay, RelayedBody, RelayedEvent, RelayedFacts, ResponseHead, SseEvent } from '../wire-format.ts';
import { noFacts, readFacts } from './answer-facts.ts';
import { failureInBody, invalidResponse } from './errors.ts';
import { parseJson } from './parse-json.ts';
import { encodeUsage } from './usage.ts';

const END_DATA = '[DONE]';

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

/** A stream has one head: its edits are made once, and forgotten with it. */
const editsByHead = new WeakMap<ResponseHead, MemberEdits>();

function editsFor(head: ResponseHead): MemberEdits {
  const known = editsByHead.get(head);
  if (known) return known;
  const edits = new Map([
    ['id', JSON.stringify(head.id)],
    ['model', JSON.stringify(head.model)],
    ['provider', JSON.stringify(head.provider)],
    ['usage', null],
  ]);
  editsByHead.set(head, edits);
  return edits;
}

function swallowed(facts: RelayedFacts): RelayedEvent {
  return { data: null, facts, isEnd: false };
}

function isUsageOnly(root: JsonObject, members: readonly JsonMember[]): boolean {
  const { choices, usage } = root;
  if (!Array.isArray(choices) || choices.length > 0 || !isJsonObject(usage)) return false;
  return members.every((member) => ENVELOPE.has(member.key));
}

/**
 * One chunk. Swallowed: the end mark, the usage chunk, chunks without `choices` (a client would index into nothing), and
 * errors (they carry the provider's account names; the caller writes its own error event from `facts.error`).
 */
function relayEvent(event: SseEvent, head: ResponseHead): RelayedEvent {
  const { data } = event;
  if (data === END_DATA || data.trim() === END_DATA) return { data: null, facts: noFacts, isEnd: true };
  if (data.trim() === '') return swallowed(noFacts);
  const root = parseJson(data);
  if (!isJsonObject(root)) {
    const message = 'The provider sent a stream event that is not a JSON object.';
    const error = event.event === 'error' ? failureInBody({ message: data }) : invalidResponse(message);
    return swallowed({ ...noFacts, error });
  }
  const facts = readFacts(root, 'delta');
  if (facts.error) return swallowed(facts);
  if (event.event === 'error') return swallowed({ ...facts, error: failureInBody(root) });
  if (!Array.isArray(root['choices'])) return swallowed(facts);
  const members = scanMembers(data);
  if (isUsageOnly(root, members)) return swallowed(facts);
  return { data: spliceMembers(data, members, editsFor(head)), facts, isEnd: false };
}

function notThisFormat(detail: string): AppError {
  return new AppError('provider_failed', 'The provider sent an answer that could not be understood.', { detail });
}

/**
 * A whole body. Throws AppError('provider_failed') when it is not a JSON object with a choice. An error under 200 does not
 * throw: it is in `facts.error`, classified, and the body is then not for the client.
 */
function relayBody(text: string): RelayedBody {
  const root = parseJson(text);
  if (!isJsonObject(root)) throw notThisFormat(`a body of ${text.length} characters is not a JSON object`);
  const facts = readFacts(root, 'message');
  const { choices } = root;
  if (!facts.error && (!Array.isArray(choices) || choices.length === 0)) {
    throw notThisFormat(`a body of ${text.length} characters has no choices`);
  }
  return {
    facts,
    render(report, head) {
      const edits = new Map(editsFor(head));
      edits.set('usage', encodeUsage(report));
      return spliceMembers(text, scanMembers(text), edits);
    },
  };
}

/** The relay lane of the openai-chat dialect. */
export const relay: Relay = {
  event: relayEvent,
  body: relayBody,
  usageEvent(report, head) {
    const { id, model, provider, createdUnixSeconds } = head;
    const text = `"object":"chat.completion.chunk","created":${createdUnixSeconds},"model":${JSON.stringify(model)}`;
    return `{"id":${JSON.stringify(id)},${text},"provider":${JSON.stringify(provider)},"choices":[],"usage":${encodeUsage(report)}}`;
  },
  endData: END_DATA,
};

import { type GenerationEvent, isJsonObject, type JsonObject, type JsonValue, type Prompt } from '@bourse/generation';
import { failed, nothingDecoded } from '../facts.ts';
import { parseJson } from '../parse-json.ts';
import { invalidResponse, type ProviderFailure } from '../provider-failure.ts';
import type { Decoded, EventDecoder } from '../wire-format.ts';
import { type AnswerScope, type CandidateReader, createCandidateReader } from './candidate-reader.ts';
import { failureIn } from './errors.ts';
import { type ToolNames, toolNamesOf } from './tool-names.ts';
import { claimsUsage, decodeUsage, laterUsage } from './usage.ts';

/** More alternatives than anyone may ask for: an index beyond is a provider's mistake. */
const CANDIDATES_MAX = 128;
const ID_LENGTH_MAX = 40;

/** Ids of calls: Google's own where they are there and differ, else made of the answer's id and a number. */
function createScope(names: ToolNames, answerId: () => string): AnswerScope {
  const ids = new Set<string>();
  return {
    names,
    callId(given) {
      let id = given;
      const stem = answerId()
        .replace(/[^A-Za-z0-9]/g, '')
        .slice(0, ID_LENGTH_MAX);
      for (let count = ids.size; id === '' || ids.has(id); count += 1) id = `call_${stem}${stem && '_'}${count}`;
      ids.add(id);
      return id;
    },
  };
}

/** Reads the pieces of one answer, each of which looks like a whole one. */
class AnswerReader {
  readonly #candidates = new Map<number, CandidateReader>();
  readonly #scope: AnswerScope;
  #answerId = '';
  #usage: JsonObject | null = null;

  constructor(prompt: Prompt) {
    this.#scope = createScope(toolNamesOf(prompt), () => this.#answerId);
  }

  read(root: JsonObject): Decoded {
    const events: GenerationEvent[] = [];
    const { responseId: id, candidates, usageMetadata, promptFeedback } = root;
    if (typeof id === 'string' && id !== '' && this.#answerId === '') {
      this.#answerId = id;
      events.push({ type: 'start', upstreamId: id });
    }
    for (const candidate of Array.isArray(candidates) ? candidates : []) events.push(...this.#candidate(candidate));
    if (isJsonObject(promptFeedback)) events.push(...this.#blocked(promptFeedback));
    if (claimsUsage(usageMetadata)) {
      this.#usage = laterUsage(this.#usage, usageMetadata);
      events.push({ type: 'usage', usage: decodeUsage(this.#usage) });
    }
    const failure = this.#failureOf(events);
    return failure === null ? { events, failure: null, isEnd: false } : failed(failure, withoutFinish(events));
  }

  get hasFinished(): boolean {
    return [...this.#candidates.values()].some((reader) => reader.isFinished);
  }

  #candidate(candidate: JsonValue): GenerationEvent[] {
    if (!isJsonObject(candidate)) return [];
    const index = candidate['index'] ?? 0;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= CANDIDATES_MAX) return [];
    return this.#readerOf(index).read(candidate);
  }

  #readerOf(index: number): CandidateReader {
    const reader = this.#candidates.get(index) ?? createCandidateReader(index, this.#scope);
    this.#candidates.set(index, reader);
    return reader;
  }

  /** A prompt that Google refuses to answer has no candidates: an answer that was filtered away whole. */
  #blocked({ blockReason: raw }: JsonObject): GenerationEvent[] {
    if (typeof raw !== 'string' || raw === '' || raw === 'BLOCK_REASON_UNSPECIFIED' || this.hasFinished) return [];
    return [{ type: 'finish', choice: 0, reason: { unified: 'content_filter', raw } }];
  }

  /** An answer that ended in an error before it began may be had from somebody else. */
  #failureOf(events: readonly GenerationEvent[]): ProviderFailure | null {
    const hasOutput = [...this.#candidates.values()].some((reader) => reader.hasOutput);
    const ended = hasOutput ? undefined : events.find((event) => event.type === 'finish');
    if (ended?.type !== 'finish' || ended.reason.unified !== 'error') return null;
    const { raw } = ended.reason;
    return { ...invalidResponse('The provider ended the answer with an error.'), code: raw };
  }
}

function withoutFinish(events: readonly GenerationEvent[]): readonly GenerationEvent[] {
  return events.filter((event) => event.type !== 'finish');
}

/** Reads a provider's stream. It has no end mark: the bytes end after the finish reasons, or the answer was cut. */
export function createDecoder(prompt: Prompt): EventDecoder {
  const reader = new AnswerReader(prompt);
  return {
    push({ data }) {
      if (data.trim() === '') return nothingDecoded;
      const root = parseJson(data);
      const failure = failureIn(root);
      if (failure !== null) return failed(failure);
      if (isJsonObject(root)) return reader.read(root);
      return failed(invalidResponse('The provider sent a stream event that is not a JSON object.'));
    },
    end: () => ({ events: [], failure: null, isEnd: true }),
  };
}

/** A stream that was not asked for as events is a list of the same pieces. */
function piecesOf(body: unknown): readonly JsonObject[] {
  const pieces: readonly unknown[] = Array.isArray(body) ? body : [body];
  return pieces.filter(isJsonObject);
}

/** A whole answer as events. */
export function decodeBody(body: unknown, prompt: Prompt): Decoded {
  const failure = failureIn(body);
  if (failure !== null) return failed(failure);
  const reader = new AnswerReader(prompt);
  const events: GenerationEvent[] = [];
  for (const piece of piecesOf(body)) {
    const decoded = reader.read(piece);
    events.push(...decoded.events);
    if (decoded.failure !== null) return failed(decoded.failure, events);
  }
  const isAnswer = events.some(({ type }) => type !== 'start' && type !== 'usage');
  if (!isAnswer) return failed(invalidResponse('The provider sent an answer without candidates.'), events);
  return { events, failure: null, isEnd: true };
}

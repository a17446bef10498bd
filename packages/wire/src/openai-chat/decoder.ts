import { type GenerationEvent, isJsonObject, type JsonObject } from '@bourse/generation';
import { failed, nothingDecoded } from '../facts.ts';
import { parseJson } from '../parse-json.ts';
import { failureInBody, invalidResponse, type ProviderFailure } from '../provider-failure.ts';
import type { SseEvent } from '../sse.ts';
import type { Decoded, EventDecoder } from '../wire-format.ts';
import { errorIn } from './answer-facts.ts';
import { createChoiceReaders } from './choice-reader.ts';
import { END_DATA } from './frames.ts';
import { createSources } from './sources.ts';
import { claimsUsage, decodeUsage } from './usage.ts';

function failureOf(event: SseEvent, root: unknown): ProviderFailure | null {
  if (event.event === 'error') return failureInBody(isJsonObject(root) ? root : { message: event.data });
  if (isJsonObject(root)) return null;
  return invalidResponse('The provider sent a stream event that is not a JSON object.');
}

/** The events of one answer, from its chunks or from its whole body. */
function createReader(part: 'delta' | 'message') {
  const readers = createChoiceReaders();
  const sourcesOf = createSources();
  let hasStarted = false;
  return {
    read(root: JsonObject): GenerationEvent[] {
      const events: GenerationEvent[] = [];
      const { id, choices, usage: counts } = root;
      // Every chunk repeats the id: an answer starts once.
      if (!hasStarted && typeof id === 'string' && id !== '') {
        hasStarted = true;
        events.push({ type: 'start', upstreamId: id });
      }
      for (const choice of Array.isArray(choices) ? choices : []) events.push(...readers.read(choice, part));
      events.push(...sourcesOf(root));
      const usage = decodeUsage(counts);
      if (usage !== null || claimsUsage(counts)) events.push({ type: 'usage', usage });
      return events;
    },
    finishRest: () => readers.finishRest(),
  };
}

function errorOf(root: JsonObject): ProviderFailure | null {
  const { choices } = root;
  return errorIn(root, Array.isArray(choices) ? choices : []);
}

/**
 * Reads a provider's stream. The end mark without a finish reason is a finish when there was an answer: some servers never name one. Bytes
 * that end without the mark may be cut: a choice that gave no reason is not finished, and nothing is invented for it.
 */
export function createDecoder(): EventDecoder {
  const reader = createReader('delta');
  return {
    push(event) {
      const data = event.data.trim();
      if (data === '') return nothingDecoded;
      if (data === END_DATA) return { events: reader.finishRest(), failure: null, isEnd: true };
      const root = parseJson(data);
      const failure = failureOf(event, root);
      if (failure !== null || !isJsonObject(root)) return failure === null ? nothingDecoded : failed(failure);
      const error = errorOf(root);
      return error === null
        ? { events: reader.read(root), failure: null, isEnd: false }
        : failed(error, reader.read({ ...root, choices: [] }));
    },
    end: () => ({ events: [], failure: null, isEnd: true }),
  };
}

/** A whole answer as events: one delta per block. */
export function decodeBody(body: unknown): Decoded {
  if (!isJsonObject(body)) return failed(invalidResponse('The provider sent an answer that is not a JSON object.'));
  const error = errorOf(body);
  if (error !== null) return failed(error);
  const { choices } = body;
  if (!Array.isArray(choices) || choices.length === 0) {
    return failed(invalidResponse('The provider sent an answer without choices.'));
  }
  const reader = createReader('message');
  const events = reader.read(body);
  return { events: [...events, ...reader.finishRest()], failure: null, isEnd: true };
}

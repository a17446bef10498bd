import { isJsonObject, type ReasoningFormat } from '@bourse/generation';
import { failed, nothingDecoded } from '../facts.ts';
import { parseJson } from '../parse-json.ts';
import { failureInBody, invalidResponse } from '../provider-failure.ts';
import type { SseEvent } from '../sse.ts';
import type { Decoded, EventDecoder } from '../wire-format.ts';
import { AnswerReader, failureOf } from './answer-reader.ts';

/** OpenAI has no end mark in this dialect; others send the one of its other API. */
const END_DATA = '[DONE]';

/** True for an event that says nothing. */
function isBlank(data: string): boolean {
  return data === '' || data === END_DATA;
}

/** One event through a reader. `root` is its data, parsed. */
export function readEvent(event: SseEvent, root: unknown, reader: AnswerReader): Decoded {
  const data = event.data.trim();
  if (isBlank(data)) return data === END_DATA ? { ...nothingDecoded, isEnd: true } : nothingDecoded;
  if (!isJsonObject(root)) {
    return failed(
      event.event === 'error'
        ? failureInBody({ message: event.data })
        : invalidResponse('The provider sent a stream event that is not a JSON object.'),
    );
  }
  // An error that a proxy puts into a stream has no type.
  if (root['type'] === undefined && (event.event === 'error' || isJsonObject(root['error'])))
    return failed(failureOf(root));
  return reader.read(root['type'] === undefined && event.event !== null ? { ...root, type: event.event } : root);
}

/** Reads a provider's stream. Bytes that end before the response does are a cut stream, and nothing is invented for it. */
export function createDecoder(family: ReasoningFormat): EventDecoder {
  const reader = new AnswerReader(family);
  return {
    push: (event) => readEvent(event, parseJson(event.data), reader),
    end: () => ({ events: [], failure: null, isEnd: true }),
  };
}

/** A whole answer as events: one delta per block. */
export function decodeBody(body: unknown, family: ReasoningFormat): Decoded {
  if (!isJsonObject(body)) return failed(invalidResponse('The provider sent an answer that is not a JSON object.'));
  const { status, error, output } = body;
  const isAnswer = Array.isArray(output);
  if (!isAnswer && error !== undefined && error !== null) {
    return failed(
      failureOf(isJsonObject(error) || typeof error === 'string' ? body : { message: 'The provider failed.' }),
    );
  }
  if (status === 'failed' || status === 'cancelled') return new AnswerReader(family).end(body);
  if (!isAnswer) return failed(invalidResponse('The provider sent an answer without output.'));
  if (status === 'queued' || status === 'in_progress') {
    return failed(invalidResponse('The provider sent an answer that has not finished.'));
  }
  return new AnswerReader(family).end(body);
}

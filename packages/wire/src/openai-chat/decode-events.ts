import { AppError } from '@bourse/errors';
import { type Generation, type GenerationEvent, isJsonObject, type JsonObject } from '@bourse/generation';
import { parseJson } from '../parse-json.ts';
import type { SseEvent } from '../wire-format.ts';
import { readFacts } from './answer-facts.ts';
import { type ChoiceReaders, createChoiceReaders } from './choice-reader.ts';
import { failureError, failureInBody, invalidResponse } from './failures.ts';
import { relay } from './relay.ts';

function chunkOf(event: SseEvent): JsonObject {
  const root = parseJson(event.data);
  const isError = event.event === 'error';
  if (isJsonObject(root)) {
    if (isError) throw failureError(failureInBody(root));
    return root;
  }
  if (isError) throw failureError(failureInBody({ message: event.data }));
  throw failureError(invalidResponse('The provider sent a stream event that is not a JSON object.'));
}

function* eventsOf(chunk: JsonObject, readers: ChoiceReaders): Generator<GenerationEvent> {
  const { error, usage } = readFacts(chunk, 'delta');
  if (error) throw failureError(error);
  const { choices } = chunk;
  for (const choice of Array.isArray(choices) ? choices : []) yield* readers.read(choice, 'delta');
  if (usage) yield { type: 'usage', usage };
}

/**
 * A provider's stream as events. Throws AppError('provider_failed') for an error chunk, for what is no JSON, for a stream
 * that ends with neither the end mark nor a finish reason, and for one that says nothing at all. The end mark without a
 * finish reason is a finish when there was an answer: some servers never name one.
 */
export async function* decodeEvents(events: AsyncIterable<SseEvent>): Generation {
  const readers = createChoiceReaders();
  let hasEnded = false;
  let hasAnswer = false;
  for await (const event of events) {
    const data = event.data.trim();
    if (data === '') continue;
    // Nothing after the end mark is part of the answer.
    hasEnded = data === relay.endData;
    if (hasEnded) break;
    for (const decoded of eventsOf(chunkOf(event), readers)) {
      hasAnswer ||= decoded.type !== 'usage';
      yield decoded;
    }
  }
  if (!hasAnswer || (!hasEnded && !readers.hasFinished)) {
    throw new AppError('provider_failed', 'The provider ended the stream before its answer was complete.', {
      detail: hasAnswer ? 'stream cut: no end mark, no finish reason' : 'a stream that says nothing',
    });
  }
  yield* readers.finishRest();
}

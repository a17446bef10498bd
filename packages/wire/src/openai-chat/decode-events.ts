import { AppError } from '@bourse/errors';
import { type Generation, isJsonObject, type JsonObject } from '@bourse/generation';
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

async function* eventsOf(chunk: JsonObject, readers: ChoiceReaders): Generation {
  const { error, usage } = readFacts(chunk, 'delta');
  if (error) throw failureError(error);
  const { choices } = chunk;
  for (const choice of Array.isArray(choices) ? choices : []) yield* readers.read(choice, 'delta');
  if (usage) yield { type: 'usage', usage };
}

/**
 * A provider's stream as events. Throws AppError('provider_failed') for an error chunk, for what is no JSON, for a stream
 * that ends with neither the end mark nor a finish reason, and for one without any choice. The end mark without a finish
 * reason is a finish: some servers never name one.
 */
export async function* decodeEvents(events: AsyncIterable<SseEvent>): Generation {
  const readers = createChoiceReaders();
  let hasEnded = false;
  for await (const event of events) {
    const data = event.data.trim();
    if (data === '') continue;
    // Nothing after the end mark is part of the answer.
    hasEnded = data === relay.endData;
    if (hasEnded) break;
    yield* eventsOf(chunkOf(event), readers);
  }
  if (!readers.hasChoice || (!hasEnded && !readers.hasFinished)) {
    throw new AppError('provider_failed', 'The provider ended the stream before its answer was complete.', {
      detail: readers.hasChoice ? 'stream cut: no end mark, no finish reason' : 'stream without choices',
    });
  }
  yield* readers.finishRest();
}

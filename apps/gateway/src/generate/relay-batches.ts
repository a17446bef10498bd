import {
  createSseParser,
  type ProviderFailure,
  type Relay,
  type RelayedEvent,
  type ResponseHead,
  type SseEvent,
} from '@bourse/wire';

/** The events of a provider's stream, one batch for each piece of bytes that came. Rejects as the bytes do. */
export async function* relayBatches(
  chunks: AsyncIterable<Uint8Array>,
  relay: Relay,
  head: ResponseHead,
): AsyncGenerator<readonly RelayedEvent[]> {
  let batch: RelayedEvent[] = [];
  const parser = createSseParser((event: SseEvent) => batch.push(relay.event(event, head)));
  for await (const chunk of chunks) {
    parser.push(chunk);
    if (batch.length === 0) continue;
    yield batch;
    batch = [];
  }
  parser.end();
  if (batch.length > 0) yield batch;
}

function isMeaningful({ facts }: RelayedEvent): boolean {
  return facts.outputText !== '' || facts.hasToolCall || facts.finishReason !== null;
}

async function* replay(
  seen: readonly (readonly RelayedEvent[])[],
  rest: AsyncGenerator<readonly RelayedEvent[]>,
): AsyncGenerator<readonly RelayedEvent[]> {
  yield* seen;
  yield* rest;
}

const EMPTY: ProviderFailure = {
  kind: 'invalid_response',
  status: 200,
  message: 'empty stream',
  code: null,
  retryAfterSeconds: null,
};

/**
 * Waits for the first event that carries an answer, so that an earlier failure can still move to another endpoint. What was
 * read meanwhile (a role, comments) is given back in front of the rest. A stream that ends without any answer is a failure.
 */
export async function peek(
  batches: AsyncGenerator<readonly RelayedEvent[]>,
): Promise<{ readonly batches: AsyncIterable<readonly RelayedEvent[]> } | { readonly failure: ProviderFailure }> {
  const seen: (readonly RelayedEvent[])[] = [];
  for (;;) {
    const next = await batches.next();
    if (next.done === true) return { failure: EMPTY };
    const failed = next.value.find((event) => event.facts.error !== null);
    seen.push(next.value);
    if (next.value.some(isMeaningful)) return { batches: replay(seen, batches) };
    if (failed?.facts.error) return { failure: failed.facts.error };
    if (next.value.some((event) => event.isEnd)) return { failure: EMPTY };
  }
}

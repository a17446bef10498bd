import { type GenerationEvent, isJsonObject, type JsonObject, type JsonValue, type Prompt } from '@bourse/generation';
import { failed, nothingDecoded } from '../facts.ts';
import { parseJson } from '../parse-json.ts';
import { failureInBody, invalidResponse } from '../provider-failure.ts';
import type { Decoded, EventDecoder } from '../wire-format.ts';
import { createBlockReader } from './block-reader.ts';
import { toolNames } from './names.ts';
import { finishOf } from './stop-reasons.ts';
import { claimsUsage, decodeUsage, mergeUsage } from './usage.ts';

function indexOf(event: JsonObject): number {
  return typeof event['index'] === 'number' ? event['index'] : 0;
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

function wordAt(object: JsonObject, key: string): string | null {
  const value = object[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Reads the events of one answer, whole or in pieces. */
function createReader(prompt: Prompt) {
  // A client of this dialect has the names that it sent.
  const isOwn = prompt.source.wire === 'anthropic-messages';
  const blocks = createBlockReader(isOwn ? (name) => name : toolNames(prompt).restored);
  let usage: JsonObject = {};
  let isFinished = false;

  function countOf(told: JsonValue | undefined): GenerationEvent[] {
    usage = mergeUsage(usage, told);
    return isJsonObject(told) && claimsUsage(usage) ? [{ type: 'usage', usage: decodeUsage(usage) }] : [];
  }

  function finish(raw: string | null, stopSequence: string | null): GenerationEvent[] {
    if (isFinished) return [];
    isFinished = true;
    return [{ type: 'finish', choice: 0, reason: finishOf(raw, stopSequence, blocks.hasCall) }];
  }

  return {
    blocks,
    start(message: JsonObject): GenerationEvent[] {
      const upstreamId = wordAt(message, 'id');
      return [...(upstreamId === null ? [] : [{ type: 'start', upstreamId } as const]), ...countOf(message['usage'])];
    },
    /** What is known of the whole message in the end. `told` has the reason, `counts` the usage. */
    end(told: JsonObject, counts: JsonValue | undefined): GenerationEvent[] {
      const reason = wordAt(told, 'stop_reason');
      const explanation = wordAt(objectAt(told, 'stop_details'), 'explanation');
      const refusal = reason === 'refusal' ? explanation : null;
      return [
        ...(refusal === null ? [] : [{ type: 'refusal-delta', choice: 0, text: refusal } as const]),
        ...countOf(counts),
        ...(reason === null ? [] : finish(reason, wordAt(told, 'stop_sequence'))),
      ];
    },
    /** The answer is over, whether or not it said why. Nothing, for no reason, is no answer. */
    close: () => (blocks.isEmpty ? [] : finish(null, null)),
  };
}

type Reader = ReturnType<typeof createReader>;

/** The events of one of Anthropic's; none for a ping and for what nobody here knows. */
function eventsOf(event: JsonObject, reader: Reader): GenerationEvent[] {
  switch (wordAt(event, 'type') ?? '') {
    case 'message_start':
      return reader.start(objectAt(event, 'message'));
    case 'content_block_start':
      return reader.blocks.start(indexOf(event), objectAt(event, 'content_block'));
    case 'content_block_delta':
      return reader.blocks.delta(indexOf(event), objectAt(event, 'delta'));
    case 'content_block_stop':
      return reader.blocks.stop(indexOf(event));
    case 'message_delta':
      return reader.end(objectAt(event, 'delta'), event['usage']);
    case 'message_stop':
      return reader.close();
    default:
      return [];
  }
}

/** Errors are Anthropic's own, or those of whoever stands in front of it. */
function isError(event: JsonObject): boolean {
  return event['type'] === 'error' || (event['type'] === undefined && event['error'] !== undefined);
}

/** Reads a provider's stream. Bytes that end without a reason are a cut stream, and nothing is invented for it. */
export function createDecoder(prompt: Prompt): EventDecoder {
  const reader = createReader(prompt);
  return {
    push({ event: name, data }) {
      if (data.trim() === '' || name === 'ping') return nothingDecoded;
      const event = parseJson(data);
      if (!isJsonObject(event)) {
        const message = 'The provider sent a stream event that is not a JSON object.';
        return failed(name === 'error' ? failureInBody({ message: data }) : invalidResponse(message));
      }
      if (name === 'error' || isError(event)) return failed(failureInBody(event));
      return { events: eventsOf(event, reader), failure: null, isEnd: event['type'] === 'message_stop' };
    },
    end: () => ({ events: [], failure: null, isEnd: true }),
  };
}

/** A whole answer as events: one delta per block. */
export function decodeBody(body: unknown, prompt: Prompt): Decoded {
  if (!isJsonObject(body)) return failed(invalidResponse('The provider sent an answer that is not a JSON object.'));
  if (isError(body)) return failed(failureInBody(body));
  const { content } = body;
  if (!Array.isArray(content)) return failed(invalidResponse('The provider sent an answer without content.'));
  const reader = createReader(prompt);
  const events = reader.start({ ...body, usage: null });
  for (const [index, block] of content.entries()) {
    if (isJsonObject(block)) events.push(...reader.blocks.start(index, block), ...reader.blocks.stop(index));
  }
  events.push(...reader.end(body, body['usage']), ...reader.close());
  return { events, failure: null, isEnd: true };
}

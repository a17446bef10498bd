import { type GenerationEvent, isJsonObject, type JsonObject, type JsonValue, type Prompt } from '@bourse/generation';
import { failed, nothingDecoded } from '../facts.ts';
import { parseJson } from '../parse-json.ts';
import { invalidResponse } from '../provider-failure.ts';
import type { SseEvent } from '../sse.ts';
import type { Decoded, EventDecoder } from '../wire-format.ts';
import { type BlockReader, createBlockReader } from './block-reader.ts';
import { decodeError, failureInFrame } from './errors.ts';
import { EXCEPTION_EVENT, MALFORMED_EVENT } from './event-stream.ts';
import type { ConverseTraits } from './model-traits.ts';
import { claimsUsage, decodeUsage } from './usage.ts';

function usageEvents(counts: JsonValue | undefined): GenerationEvent[] {
  const usage = decodeUsage(counts);
  return usage !== null || claimsUsage(counts) ? [{ type: 'usage', usage }] : [];
}

/** A model's blocks are numbered; anything else belongs to no block. */
function indexOf({ contentBlockIndex: index }: JsonObject): number | null {
  return typeof index === 'number' && Number.isInteger(index) && index >= 0 ? index : null;
}

function memberOf(payload: JsonObject, key: string): JsonObject {
  const member = payload[key];
  return isJsonObject(member) ? member : {};
}

function blockEvents(reader: BlockReader, type: string, payload: JsonObject): GenerationEvent[] {
  const index = indexOf(payload);
  if (index === null) return [];
  if (type === 'contentBlockStart') return reader.start(index, memberOf(payload, 'start'));
  return type === 'contentBlockDelta' ? reader.delta(index, memberOf(payload, 'delta')) : reader.stop(index);
}

function reasonOf({ stopReason }: JsonObject): string | null {
  return typeof stopReason === 'string' ? stopReason : null;
}

/**
 * Reads a stream of ConverseStream. `metadata` with the usage comes behind `messageStop`: the finish waits for it, because whoever hears of
 * the end stops listening. A stream that ends without it has its finish all the same.
 */
export function createDecoder(prompt: Prompt, traits: ConverseTraits): EventDecoder {
  const reader = createBlockReader(prompt, traits);
  let finish: GenerationEvent[] | null = null;
  let hasUsage = false;

  function read(type: string | null, payload: JsonObject): Decoded {
    switch (type ?? '') {
      case 'contentBlockStart':
      case 'contentBlockDelta':
      case 'contentBlockStop':
        return { events: blockEvents(reader, type ?? '', payload), failure: null, isEnd: false };
      case 'messageStop':
        finish ??= reader.finish(reasonOf(payload));
        return hasUsage ? { events: finish, failure: null, isEnd: true } : nothingDecoded;
      case 'metadata': {
        hasUsage = true;
        const events = [...usageEvents(payload['usage']), ...(finish ?? [])];
        return { events, failure: null, isEnd: finish !== null };
      }
      default:
        return nothingDecoded;
    }
  }

  return {
    push(event: SseEvent) {
      if (event.event === EXCEPTION_EVENT) return failed(failureInFrame(event.data));
      if (event.event === MALFORMED_EVENT) return failed(invalidResponse(event.data));
      const payload = parseJson(event.data);
      if (isJsonObject(payload)) return read(event.event, payload);
      return failed(invalidResponse('The provider sent a stream event that is not a JSON object.'));
    },
    end: () => ({ events: hasUsage ? [] : (finish ?? []), failure: null, isEnd: true }),
  };
}

/** A failure under 200: an exception's name, and no answer. */
function isFailure(body: JsonObject): boolean {
  return typeof body['__type'] === 'string' || (body['output'] === undefined && typeof body['message'] === 'string');
}

/** A whole answer of Converse as events. */
export function decodeBody(body: unknown, prompt: Prompt, traits: ConverseTraits): Decoded {
  if (!isJsonObject(body)) return failed(invalidResponse('The provider sent an answer that is not a JSON object.'));
  if (isFailure(body)) return failed(decodeError(200, JSON.stringify(body), {}));
  const { content } = memberOf(memberOf(body, 'output'), 'message');
  if (!Array.isArray(content)) return failed(invalidResponse('The provider sent an answer without a message.'));
  const reader = createBlockReader(prompt, traits);
  const blocks = content.flatMap((block: JsonValue, index) => (isJsonObject(block) ? reader.whole(index, block) : []));
  const raw = reasonOf(body);
  // Neither words nor a reason to end: nobody has answered.
  const finish = raw === null && blocks.length === 0 ? [] : reader.finish(raw);
  return { events: [...blocks, ...usageEvents(body['usage']), ...finish], failure: null, isEnd: true };
}

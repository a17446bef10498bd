import { type GenerationEvent, isJsonObject, type JsonObject, type ReasoningFormat } from '@bourse/generation';
import { failed, nothingDecoded } from '../facts.ts';
import { failureInBody, type ProviderFailure } from '../provider-failure.ts';
import type { Decoded } from '../wire-format.ts';
import { finishOf } from './finish.ts';
import { ItemReader } from './item-reader.ts';
import { indexAt, objectsAt, textAt } from './json-fields.ts';
import { claimsUsage, decodeUsage } from './usage.ts';

/** What a failed response, or an error event, says. */
export function failureOf(said: JsonObject): ProviderFailure {
  const { error } = said;
  const failure = failureInBody(error === null ? {} : said);
  // The dialect's own word for a request that is to blame.
  const isOurs = failure.kind === 'server_error' && failure.code === 'invalid_prompt';
  return isOurs ? { ...failure, kind: 'invalid_request' } : failure;
}

function decoded(events: readonly GenerationEvent[]): Decoded {
  return events.length === 0 ? nothingDecoded : { events, failure: null, isEnd: false };
}

/** Reads the events of one answer, or the whole of it, into events of the hub. Never throws, whatever a provider sends. */
export class AnswerReader {
  readonly #family: ReasoningFormat;
  readonly #items = new Map<string, ItemReader>();
  readonly #named = new Map<string, ItemReader>();
  readonly #callIds = new Set<string>();
  #blocks = 0;
  #upstreamId = '';
  #hasCall = false;

  /** `family` is whose encrypted reasoning it is. */
  constructor(family: ReasoningFormat) {
    this.#family = family;
  }

  /** One event of a stream. */
  read(event: JsonObject): Decoded {
    const type = textAt(event, 'type');
    switch (type) {
      case 'response.created':
      case 'response.queued':
      case 'response.in_progress':
        return decoded(this.#begin(event['response']));
      case 'response.output_item.added':
        return decoded(this.#added(event));
      case 'response.output_item.done':
        return decoded(this.#completed(event['item'], indexAt(event, 'output_index')));
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
      case 'response.cancelled':
        return this.end(isJsonObject(event['response']) ? event['response'] : event, type.slice('response.'.length));
      case 'response.error':
      case 'error':
        return failed(failureOf(event));
      default:
        return decoded(this.#piece(type, event));
    }
  }

  /** The whole response: what of it was not told yet, its usage and how it ended. One that says no end has none. */
  end(response: JsonObject, said: string | null = null): Decoded {
    const events = this.#begin(response);
    const { output } = response;
    const status = textAt(response, 'status') || said;
    for (const [index, item] of (Array.isArray(output) ? output : []).entries()) {
      events.push(...this.#completed(item, index));
    }
    const usage = decodeUsage(response);
    if (usage !== null || claimsUsage(response)) events.push({ type: 'usage', usage });
    if (status === 'failed' || status === 'cancelled')
      return failed(failureOf({ error: response['error'] ?? null }), events);
    if (status === 'completed' || status === 'incomplete') {
      events.push({
        type: 'finish',
        choice: 0,
        reason: finishOf(status, response['incomplete_details'], this.#hasCall),
      });
    }
    return { events, failure: null, isEnd: true };
  }

  #begin(response: unknown): GenerationEvent[] {
    const id = isJsonObject(response) ? textAt(response, 'id') : '';
    if (id === '' || id === this.#upstreamId) return [];
    this.#upstreamId = id;
    return [{ type: 'start', upstreamId: id }];
  }

  /** Some servers name an item anew when it is done; its place tells then that it is the same. */
  #itemFor(item: JsonObject, index: number): ItemReader {
    const id = textAt(item, 'id');
    const placed = this.#items.get(`${index}`);
    const known = this.#named.get(id) ?? (placed?.type === textAt(item, 'type') ? placed : undefined);
    if (known) return known;
    const reader = new ItemReader(item, {
      family: this.#family,
      nextBlock: () => {
        this.#blocks += 1;
        return this.#blocks - 1;
      },
    });
    if (id !== '') this.#named.set(id, reader);
    this.#items.set(placed === undefined ? `${index}` : `${index}/${this.#items.size}`, reader);
    return reader;
  }

  #uniqueCallId(given: string, block: number): string {
    const id = given === '' || this.#callIds.has(given) ? `call_0_${block}` : given;
    this.#callIds.add(id);
    return id;
  }

  #open(item: JsonObject, index: number): { reader: ItemReader; events: GenerationEvent[] } {
    const reader = this.#itemFor(item, index);
    const events = reader.begin(item, (block) => this.#uniqueCallId(textAt(item, 'call_id'), block));
    if (events.length > 0) this.#hasCall = true;
    return { reader, events };
  }

  #added(event: JsonObject): GenerationEvent[] {
    const { item } = event;
    if (!isJsonObject(item)) return [];
    const { reader, events } = this.#open(item, indexAt(event, 'output_index'));
    return [...events, ...reader.piece('arguments', 0, textAt(item, 'arguments'))];
  }

  #completed(item: unknown, index: number): GenerationEvent[] {
    if (!isJsonObject(item)) return [];
    const { reader, events } = this.#open(item, index);
    return [...events, ...reader.complete(item)];
  }

  /** The item that a piece belongs to. Text may come without an item that was announced; a call may not. */
  #itemOf(event: JsonObject, type: string): ItemReader | null {
    const id = textAt(event, 'item_id');
    const placed = this.#items.get(`${indexAt(event, 'output_index')}`);
    const known = this.#named.get(id) ?? placed;
    if (known?.type === type) return known;
    return type === 'message' || type === 'reasoning'
      ? this.#itemFor({ type, id }, indexAt(event, 'output_index'))
      : null;
  }

  #piece(type: string, event: JsonObject): GenerationEvent[] {
    const [delta, part] = [textAt(event, 'delta'), indexAt(event, 'content_index')];
    const summary = indexAt(event, 'summary_index');
    const message = () => this.#itemOf(event, 'message');
    const thought = () => this.#itemOf(event, 'reasoning');
    switch (type) {
      case 'response.output_text.delta': {
        const item = message();
        const entries = objectsAt(event, 'logprobs');
        return item === null ? [] : [...item.piece('text', part, delta), ...item.logprobs(part, entries, false)];
      }
      case 'response.output_text.done':
        return message()?.whole('text', part, textAt(event, 'text')) ?? [];
      case 'response.output_text.annotation.added': {
        const { annotation } = event;
        const index = indexAt(event, 'annotation_index');
        return isJsonObject(annotation) ? (message()?.citation(part, index, annotation) ?? []) : [];
      }
      case 'response.refusal.delta':
        return message()?.piece('refusal', part, delta) ?? [];
      case 'response.refusal.done':
        return message()?.whole('refusal', part, textAt(event, 'refusal')) ?? [];
      case 'response.reasoning_text.delta':
        return thought()?.piece('reasoning', part, delta) ?? [];
      case 'response.reasoning_text.done':
        return thought()?.whole('reasoning', part, textAt(event, 'text')) ?? [];
      case 'response.reasoning_summary_text.delta':
        return thought()?.piece('summary', summary, delta) ?? [];
      case 'response.reasoning_summary_text.done':
        return thought()?.whole('summary', summary, textAt(event, 'text')) ?? [];
      case 'response.function_call_arguments.delta':
        return this.#itemOf(event, 'function_call')?.piece('arguments', 0, delta) ?? [];
      case 'response.function_call_arguments.done':
        return this.#itemOf(event, 'function_call')?.whole('arguments', 0, textAt(event, 'arguments')) ?? [];
      case 'response.custom_tool_call_input.done':
        return this.#itemOf(event, 'custom_tool_call')?.input(textAt(event, 'input')) ?? [];
      default:
        return [];
    }
  }
}

import { isJsonObject, type JsonObject, type JsonValue, type ReasoningFormat } from '@bourse/generation';
import { isReadableBy, ownItem } from './reasoning-items.ts';

/**
 * A conversation as the API accepts it (https://platform.openai.com/docs/guides/reasoning and its error messages, read 2026-11): no item
 * twice, every call with its answer and every answer with its call, and reasoning only directly before what it led to.
 */

const CALLS: ReadonlySet<string> = new Set(['function_call', 'custom_tool_call']);
const OUTPUTS: ReadonlySet<string> = new Set(['function_call_output', 'custom_tool_call_output']);
/** Items whose ids we may have made, and which no provider needs. */
const NAMELESS: ReadonlySet<string> = new Set(['message', ...CALLS, ...OUTPUTS]);

function typeOf(item: JsonObject): string {
  const { type } = item;
  return typeof type === 'string' ? type : 'message';
}

function callIdOf(item: JsonObject): string {
  const { call_id: id } = item;
  return typeof id === 'string' ? id : '';
}

function callIds(items: readonly JsonObject[], types: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(items.filter((item) => types.has(typeOf(item))).map(callIdOf));
}

/** What makes an item the same as another; null for one that may stand there twice. */
function keyOf(item: JsonObject): string | null {
  const type = typeOf(item);
  if (CALLS.has(type)) return `call/${callIdOf(item)}`;
  if (OUTPUTS.has(type)) return `output/${callIdOf(item)}`;
  if (type === 'message') return null;
  const { id, encrypted_content: encrypted } = item;
  if (typeof id === 'string' && id !== '') return `${type}/${id}`;
  return type === 'reasoning' && typeof encrypted === 'string' ? `blob/${encrypted}` : null;
}

function withoutTwins(items: readonly JsonObject[]): JsonObject[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const key = keyOf(item);
    if (key === null) return true;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function withoutOrphans(items: readonly JsonObject[]): JsonObject[] {
  const calls = callIds(items, CALLS);
  const outputs = callIds(items, OUTPUTS);
  const paired = items.filter((item) => {
    const type = typeOf(item);
    if (CALLS.has(type)) return outputs.has(callIdOf(item));
    return !OUTPUTS.has(type) || calls.has(callIdOf(item));
  });
  return paired.filter((item, index) => typeOf(item) !== 'reasoning' || leadsToSomething(paired, index));
}

/** Reasoning leads to the assistant's next item; a turn of somebody else, or nothing, is none. */
function leadsToSomething(items: readonly JsonObject[], index: number): boolean {
  for (let next = index + 1; next < items.length; next += 1) {
    const item = items[next];
    if (item === undefined) return false;
    const type = typeOf(item);
    if (type === 'reasoning') continue;
    return type === 'message' ? item['role'] === 'assistant' : !OUTPUTS.has(type);
  }
  return false;
}

/** What items and their parts have that providers do not know: ids that may be ours, signatures of other families, what SDKs add to answers. */
const STRANGE: ReadonlySet<string> = new Set(['id', 'signature', 'parsed_arguments']);
const STRANGE_IN_PARTS: ReadonlySet<string> = new Set(['signature', 'parsed']);

function omit(object: JsonObject, fields: ReadonlySet<string>): JsonObject {
  const entries = Object.entries(object);
  const known = entries.filter(([field]) => !fields.has(field));
  return known.length === entries.length ? object : Object.fromEntries(known);
}

function withoutStrange(item: JsonObject): JsonObject {
  if (!NAMELESS.has(typeOf(item))) return item;
  const known = omit(item, STRANGE);
  const { content } = known;
  if (!Array.isArray(content)) return known;
  const parts = content.map((part: JsonValue) => (isJsonObject(part) ? omit(part, STRANGE_IN_PARTS) : part));
  return { ...known, content: parts };
}

/** The items that a provider of the family accepts, in their order. Ids of messages and calls may be ours and are not sent. */
export function tidyItems(input: readonly JsonValue[], family: ReasoningFormat): JsonObject[] {
  const readable = input
    .filter(isJsonObject)
    .filter((item) => typeOf(item) !== 'reasoning' || isReadableBy(item, family))
    .map((item) => (typeOf(item) === 'reasoning' ? ownItem(item) : item));
  return withoutOrphans(withoutTwins(readable)).map(withoutStrange);
}

import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';

/** The body without these top-level fields. */
export function without(body: JsonObject, fields: readonly string[]): JsonObject {
  if (!fields.some((field) => field in body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([field]) => !fields.includes(field)));
}

/** The body with one field under another name, in the same place; a field that has the new name already wins. */
export function renamed(body: JsonObject, from: string, to: string): JsonObject {
  if (!(from in body)) return body;
  if (to in body) return without(body, [from]);
  return Object.fromEntries(Object.entries(body).map(([field, value]) => [field === from ? to : field, value]));
}

function mapMessages(body: JsonObject, change: (message: JsonObject) => JsonObject): JsonObject {
  const { messages } = body;
  if (!Array.isArray(messages)) return body;
  return {
    ...body,
    messages: messages.map((message: JsonValue) => (isJsonObject(message) ? change(message) : message)),
  };
}

/** OpenAI alone has the `developer` role; for everybody else it is `system`. */
export function withoutDeveloperRole(body: JsonObject): JsonObject {
  return mapMessages(body, (message) => (message['role'] === 'developer' ? { ...message, role: 'system' } : message));
}

/** Removes fields from every message and from every part of a message's content. */
export function withoutMessageFields(body: JsonObject, fields: readonly string[]): JsonObject {
  return mapMessages(body, (message) => {
    const cleaned = without(message, fields);
    const { content } = cleaned;
    if (!Array.isArray(content)) return cleaned;
    const parts = content.map((part: JsonValue) => (isJsonObject(part) ? without(part, fields) : part));
    return { ...cleaned, content: parts };
  });
}

/**
 * What holds for most servers that imitate OpenAI: they know `max_tokens`, and may ignore the newer
 * `max_completion_tokens`. An ignored cap is a charge above the hold, so the older name is always used.
 */
export function forCompatibleServer(body: JsonObject): JsonObject {
  return renamed(withoutDeveloperRole(body), 'max_completion_tokens', 'max_tokens');
}

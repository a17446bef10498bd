import { isJsonObject, type JsonObject, type JsonValue, type Prompt } from '@bourse/generation';

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

function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

/** The words of a message's reasoning, wherever its client put them. */
function reasoningIn(message: JsonObject): string {
  const plain = textAt(message, 'reasoning_content') || textAt(message, 'reasoning');
  const { reasoning_details: details } = message;
  if (plain !== '' || !Array.isArray(details)) return plain;
  return details
    .filter(isJsonObject)
    .map((detail) => textAt(detail, 'text') || textAt(detail, 'summary'))
    .join('');
}

/**
 * For models that write their reasoning as `reasoning_content` and want it back beside the calls that came of it, and nowhere else
 * (DeepSeek, Moonshot, Z.AI, Alibaba; their guides to thinking with tools, read 2026-11).
 */
export function withReasoningContent(body: JsonObject): JsonObject {
  return mapMessages(body, (message) => {
    const reasoning = reasoningIn(message);
    const rest = without(message, ['reasoning', 'reasoning_content', 'reasoning_details']);
    const { tool_calls: calls } = message;
    const isWanted = reasoning !== '' && Array.isArray(calls) && calls.length > 0;
    return isWanted ? { ...rest, reasoning_content: reasoning } : rest;
  });
}

/** Whether a prompt asks for thinking: undefined when it leaves that to the model. */
export function isThinkingWanted({ reasoning }: Prompt): boolean | undefined {
  if (reasoning === undefined) return undefined;
  if (reasoning.effort !== undefined) return reasoning.effort !== 'none';
  return reasoning.tokensMax !== undefined || undefined;
}

/** `thinking: {type}` in place of an effort, for providers that know only on and off. */
export function withThinkingSwitch(body: JsonObject, prompt: Prompt): JsonObject {
  const isWanted = isThinkingWanted(prompt);
  const rest = without(body, ['reasoning_effort']);
  return isWanted === undefined ? rest : { ...rest, thinking: { type: isWanted ? 'enabled' : 'disabled' } };
}

/** The nearest of the efforts that a provider knows; whoever asks for a little thinking is not given none. */
export function withEffortOf(body: JsonObject, known: readonly string[]): JsonObject {
  const { reasoning_effort: asked } = body;
  if (typeof asked !== 'string' || known.includes(asked)) return body;
  const scale = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
  const at = scale.indexOf(asked);
  const distance = (effort: string) => Math.abs(scale.indexOf(effort) - at);
  const allowed = asked === 'none' ? known : known.filter((effort) => effort !== 'none');
  const nearest = allowed.toSorted((left, right) => distance(left) - distance(right))[0];
  return nearest === undefined ? without(body, ['reasoning_effort']) : { ...body, reasoning_effort: nearest };
}

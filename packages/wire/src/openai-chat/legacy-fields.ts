import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';

function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value === null;
}

/** `prompt` text as the one user message that it means. */
function withMessages(body: JsonObject): JsonObject {
  const { prompt, messages, ...rest } = body;
  if (typeof prompt !== 'string' || !isAbsent(messages)) return body;
  return { ...rest, messages: [{ role: 'user', content: prompt }] };
}

function toolOf(definition: JsonValue): JsonValue {
  return { type: 'function', function: definition };
}

function choiceOf(choice: JsonValue): JsonValue {
  return isJsonObject(choice) ? { type: 'function', function: choice } : choice;
}

/** The call of a function had no id: its name is one, and the answer of the function names it. */
function messageOf(message: JsonValue): JsonValue {
  if (!isJsonObject(message)) return message;
  const { function_call: call, ...kept } = message;
  if (kept['role'] === 'function') {
    const { name, ...rest } = kept;
    return { ...rest, role: 'tool', tool_call_id: name ?? '' };
  }
  return isJsonObject(call)
    ? { ...kept, tool_calls: [{ id: call['name'] ?? '', type: 'function', function: call }] }
    : message;
}

/** `functions` and `function_call` of 2023 as the tools that they became. */
function withTools(body: JsonObject): JsonObject {
  const { functions, function_call: choice, messages, ...rest } = body;
  const isLegacy = Array.isArray(functions) || (!isAbsent(choice) && isAbsent(body['tool_choice']));
  if (!isLegacy || !isAbsent(body['tools'])) return body;
  return {
    ...rest,
    messages: Array.isArray(messages) ? messages.map(messageOf) : messages,
    ...(Array.isArray(functions) ? { tools: functions.map(toolOf) } : {}),
    ...(choice === undefined || choice === null ? {} : { tool_choice: choiceOf(choice) }),
  };
}

/** The body with the fields that OpenAI has given up in the words that replaced them. */
export function withCurrentFields(body: JsonObject): JsonObject {
  return withTools(withMessages(body));
}

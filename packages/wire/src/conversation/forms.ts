import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import type { BodyTurn } from './conversation-form.ts';
import { createForm } from './create-form.ts';

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string' && value !== '';

function objects(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Texts under a name in each of several objects. */
function textsAt(holders: readonly JsonObject[], field: string): readonly string[] {
  return holders.map((holder) => holder[field]).filter(isText);
}

const ROLES = { system: 'system', developer: 'system', user: 'user', assistant: 'assistant', tool: 'tool' } as const;

function roleOf({ role }: JsonObject): BodyTurn['role'] {
  return Object.entries(ROLES).find(([name]) => name === role)?.[1] ?? 'other';
}

function named(name: JsonValue | undefined, data: JsonValue | undefined) {
  return isText(data) ? { name: isText(name) ? name : 'file', data } : null;
}

/** `POST /chat/completions`: calls are beside the content, and what a tool answers is a message. */
export const chatConversation = createForm({
  list: 'messages',
  textType: 'text',
  readTurn: (item) => ({
    role: roleOf(item),
    calls: textsAt(objects(item['tool_calls']), 'id'),
    results: textsAt([item], 'tool_call_id'),
    isJoined: false,
  }),
  readFile({ type, file }) {
    if (type !== 'file' || !isJsonObject(file)) return null;
    return named(file['filename'], file['file_data'] ?? file['file_id']);
  },
});

/** `POST /responses`: everything is an item. */
export const responsesConversation = createForm({
  list: 'input',
  textType: 'input_text',
  readTurn(item) {
    const type = item['type'];
    const ids = textsAt([item], 'call_id');
    const isResult = isText(type) && type.endsWith('_output');
    const isCall = !isResult && ids.length > 0;
    return {
      role: isResult ? 'tool' : isCall || type === 'reasoning' ? 'assistant' : roleOf(item),
      calls: isCall ? ids : [],
      results: isResult ? ids : [],
      isJoined: type === 'reasoning',
    };
  },
  readFile({ type, filename, file_data: data, file_url: url, file_id: id }) {
    return type === 'input_file' ? named(filename, data ?? url ?? id) : null;
  },
});

function sourceOf(source: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(source)) return undefined;
  const { type, media_type: media, data, url } = source;
  if (type === 'url') return url;
  return type === 'base64' && isText(media) && isText(data) ? `data:${media};base64,${data}` : undefined;
}

/** `POST /messages`: calls and what tools answer are blocks. */
export const messagesConversation = createForm({
  list: 'messages',
  textType: 'text',
  readTurn(item) {
    const blocks = objects(item['content']);
    return {
      role: roleOf(item),
      calls: textsAt(
        blocks.filter(({ type }) => type === 'tool_use'),
        'id',
      ),
      results: textsAt(
        blocks.filter(({ type }) => type === 'tool_result'),
        'tool_use_id',
      ),
      isJoined: false,
    };
  },
  readFile: ({ type, title, source }) => (type === 'document' ? named(title, sourceOf(source)) : null),
});

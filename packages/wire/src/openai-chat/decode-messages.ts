import { AppError } from '@bourse/errors';
import type { ContentPart, JsonObject, JsonValue, Message, ToolCall, ToolDefinition } from '@bourse/generation';
import type { ChatContentPart, ChatMessage, ChatRequest } from './schema.ts';

function fileOf(part: Extract<ChatContentPart, { type: 'file' }>, path: string): ContentPart {
  const { filename, file_data: data, file_id: id } = part.file;
  const fileData = data ?? id;
  if (!fileData) {
    throw new AppError('invalid_request', `${path}.file must have file_data or file_id.`, {
      metadata: { path: `${path}.file` },
    });
  }
  return { type: 'file', fileData, ...(filename ? { filename } : {}) };
}

function decodePart(part: ChatContentPart, path: string): ContentPart {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'image_url': {
      const { url, detail } = part.image_url;
      return { type: 'image', url, ...(detail ? { detail } : {}) };
    }
    case 'input_audio':
      return { type: 'audio', base64: part.input_audio.data, format: part.input_audio.format };
    case 'file':
      return fileOf(part, path);
  }
}

type ChatContent = string | readonly ChatContentPart[] | null | undefined;

function decodeContent(content: ChatContent, path: string): ContentPart[] {
  if (content === null || content === undefined || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return content.map((part, index) => decodePart(part, `${path}[${index}]`));
}

function decodeToolCalls(message: Extract<ChatMessage, { role: 'assistant' }>): ToolCall[] {
  return (message.tool_calls ?? []).map((call) => ({
    callId: call.id,
    name: call.function.name,
    argumentsText: call.function.arguments ?? '',
  }));
}

/** One message of the hub. `path` names it in errors. */
export function decodeMessage(message: ChatMessage, path: string): Message {
  const content = decodeContent(message.content, `${path}.content`);
  if (message.role === 'tool') return { role: 'tool', callId: message.tool_call_id, content };
  const name = message.name ? { name: message.name } : {};
  if (message.role !== 'assistant') return { role: message.role, content, ...name };
  const reasoning = message.reasoning ?? message.reasoning_content;
  return {
    role: 'assistant',
    content,
    toolCalls: decodeToolCalls(message),
    ...(reasoning ? { reasoning } : {}),
    ...(message.refusal ? { refusal: message.refusal } : {}),
    ...name,
  };
}

/** A JSON object that zod saw as `Record<string, unknown>`: everything under it came out of JSON.parse. */
function asJson(value: Record<string, unknown>): JsonObject {
  return value as JsonObject; // validated seam: the members are JSON because the body was.
}

/** One tool of the hub. */
export function decodeTool(tool: NonNullable<ChatRequest['tools']>[number]): ToolDefinition {
  const { name, description, parameters, strict } = tool.function;
  return {
    name,
    ...(description ? { description } : {}),
    ...(parameters ? { parameters: asJson(parameters) } : {}),
    ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
  };
}

const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  'role',
  'content',
  'name',
  'tool_calls',
  'tool_call_id',
  'reasoning',
  'reasoning_content',
  'refusal',
]);

const CALL_FIELDS: ReadonlySet<string> = new Set(['id', 'type', 'index', 'function']);

function extrasOf(object: object, known: ReadonlySet<string>): JsonValue[] {
  const extras: JsonValue[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (!known.has(key) && value !== undefined && value !== null) extras.push(value);
  }
  return extras;
}

/** What a message carries and the hub does not (`reasoning_details`, a call's signature ...), for weighing. */
export function messageExtras(message: ChatMessage): JsonValue[] {
  const extras = extrasOf(message, MESSAGE_FIELDS);
  if (message.role !== 'assistant') return extras;
  for (const call of message.tool_calls ?? []) extras.push(...extrasOf(call, CALL_FIELDS));
  return extras;
}

import { AppError } from '@bourse/errors';
import {
  type CacheHint,
  type ContentPart,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Message,
  type ReasoningDetail,
  type ReasoningFormat,
  reasoningFormats,
  type ToolCall,
  type ToolDefinition,
} from '@bourse/generation';
import type { ChatContentPart, ChatMessage, ChatRequest } from './schema.ts';

type AssistantMessage = Extract<ChatMessage, { role: 'assistant' }>;

/** A mark of either name says that the prompt is worth caching up to here: Anthropic's `cache_control` or OpenAI's breakpoint. */
export function cacheHint(marked: {
  readonly cache_control?: { readonly ttl?: '5m' | '1h' | null | undefined } | null | undefined;
  readonly prompt_cache_breakpoint?: object | null | undefined;
}): { readonly cache?: CacheHint } {
  const { cache_control: control, prompt_cache_breakpoint: breakpoint } = marked;
  if (control) return { cache: control.ttl ? { ttl: control.ttl } : {} };
  return breakpoint ? { cache: {} } : {};
}

function fileOf(part: Extract<ChatContentPart, { type: 'file' }>, path: string): ContentPart {
  const { filename, file_data: data, file_id: id } = part.file;
  const fileData = data ?? id;
  if (!fileData) {
    throw new AppError('invalid_request', `${path}.file must have file_data or file_id.`, {
      metadata: { path: `${path}.file` },
    });
  }
  return { type: 'file', fileData, ...(filename ? { filename } : {}), ...cacheHint(part) };
}

function decodePart(part: ChatContentPart, path: string): ContentPart {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...cacheHint(part) };
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'image_url': {
      const { url, detail } = part.image_url;
      return { type: 'image', url, ...(detail ? { detail } : {}), ...cacheHint(part) };
    }
    case 'input_audio':
      return { type: 'audio', base64: part.input_audio.data, format: part.input_audio.format, ...cacheHint(part) };
    case 'video_url':
      return { type: 'video', url: part.video_url.url, ...cacheHint(part) };
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

/** Google's own compatible API puts the signature of a call there; clients that know nothing of it send it back. */
function thoughtSignature(call: object): { readonly signature?: string } {
  const extra: unknown = Reflect.get(call, 'extra_content');
  const google = isJsonObject(extra) ? extra['google'] : undefined;
  const signature = isJsonObject(google) ? google['thought_signature'] : undefined;
  return typeof signature === 'string' && signature !== '' ? { signature } : {};
}

function decodeToolCalls(message: AssistantMessage): ToolCall[] {
  return (message.tool_calls ?? []).map((call) => ({
    callId: call.id,
    name: call.function.name,
    argumentsText: call.function.arguments ?? '',
    ...thoughtSignature(call),
  }));
}

function formatOf(detail: object): ReasoningFormat {
  const format: unknown = Reflect.get(detail, 'format');
  return reasoningFormats.find((known) => known === format) ?? 'unknown';
}

type ChatReasoningDetail = NonNullable<AssistantMessage['reasoning_details']>[number];

/** A piece of reasoning in the hub's words; null for what only its maker can read. */
function detailOf(detail: ChatReasoningDetail): ReasoningDetail | null {
  const id: unknown = Reflect.get(detail, 'id');
  const common = { format: formatOf(detail), ...(typeof id === 'string' && id !== '' ? { id } : {}) };
  switch (detail.type) {
    case 'reasoning.text': {
      const { text, signature } = detail;
      return { type: 'text', text: text ?? '', ...(signature ? { signature } : {}), ...common };
    }
    case 'reasoning.summary':
      return { type: 'summary', text: detail.summary, ...common };
    case 'reasoning.encrypted':
      return { type: 'encrypted', data: detail.data, ...common };
    case 'other':
      return null;
  }
}

/** True when a streamed piece goes on with the piece before it: both are of one block, which nothing has signed yet. */
function isContinued(earlier: ChatReasoningDetail | undefined, piece: ChatReasoningDetail): boolean {
  const index: unknown = Reflect.get(piece, 'index');
  if (earlier?.type !== 'reasoning.text' || earlier.signature || typeof index !== 'number') return false;
  return piece.type === 'reasoning.text' && Reflect.get(earlier, 'index') === index;
}

/** The blocks of a client that sends every piece of a stream back as it came: only a whole text fits its signature. */
function joinPieces(pieces: readonly ChatReasoningDetail[]): ChatReasoningDetail[] {
  const blocks: ChatReasoningDetail[][] = [];
  for (const piece of pieces) {
    const block = blocks.at(-1);
    if (block !== undefined && isContinued(block.at(-1), piece)) block.push(piece);
    else blocks.push([piece]);
  }
  return blocks.flatMap((block) => {
    const last = block.at(-1);
    if (block.length === 1 || last?.type !== 'reasoning.text') return block;
    return [{ ...block[0], ...last, text: block.map((piece) => ('text' in piece ? piece.text : '')).join('') }];
  });
}

/** Reasoning as a client replays it: the details where there are any, else the plain text, which nobody signed. */
function decodeReasoning({ reasoning_details: details, reasoning, reasoning_content: content }: AssistantMessage) {
  const plain = reasoning ?? content;
  if (!details || details.length === 0) {
    return plain ? [{ type: 'text', text: plain, format: 'unknown' } satisfies ReasoningDetail] : [];
  }
  return joinPieces(details).flatMap((detail) => detailOf(detail) ?? []);
}

/** One message of the hub. `path` names it in errors. */
export function decodeMessage(message: ChatMessage, path: string): Message {
  const content = decodeContent(message.content, `${path}.content`);
  if (message.role === 'tool') return { role: 'tool', callId: message.tool_call_id, content };
  const name = message.name ? { name: message.name } : {};
  if (message.role !== 'assistant') return { role: message.role, content, ...name };
  const images = (message.images ?? []).map(({ image_url: { url } }): ContentPart => ({ type: 'image', url }));
  return {
    role: 'assistant',
    content: images.length === 0 ? content : [...content, ...images],
    toolCalls: decodeToolCalls(message),
    reasoning: decodeReasoning(message),
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
    ...cacheHint(tool),
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
  'reasoning_details',
  'images',
  'refusal',
]);

const CALL_FIELDS: ReadonlySet<string> = new Set(['id', 'type', 'index', 'function', 'extra_content']);

function extrasOf(object: object, known: ReadonlySet<string>): JsonValue[] {
  const extras: JsonValue[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (!known.has(key) && value !== undefined && value !== null) extras.push(value);
  }
  return extras;
}

const NO_FIELDS: ReadonlySet<string> = new Set();

/** What a message carries and the hub does not, for weighing. */
export function messageExtras(message: ChatMessage): JsonValue[] {
  const extras = extrasOf(message, MESSAGE_FIELDS);
  if (message.role !== 'assistant') return extras;
  for (const call of message.tool_calls ?? []) extras.push(...extrasOf(call, CALL_FIELDS));
  for (const detail of message.reasoning_details ?? []) {
    if (detail.type === 'other') extras.push(...extrasOf(detail, NO_FIELDS));
  }
  return extras;
}

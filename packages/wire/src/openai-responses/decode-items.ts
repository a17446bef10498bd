import type { ContentPart, JsonObject, Message, ReasoningDetail, ToolCall } from '@bourse/generation';
import type { z } from 'zod';
import { refuse } from '../request/decode-market.ts';
import { invalidRequest } from '../request/issue-sentence.ts';
import { customInput } from './custom-tools.ts';
import { detailsOfItem } from './reasoning-items.ts';
import {
  customToolCallItem,
  customToolCallOutputItem,
  functionCallItem,
  functionCallOutputItem,
  messageItem,
  type ResponsesContent,
  type ResponsesPart,
  reasoningItem,
} from './schema.ts';

/** The messages of an input, and whether all of it found a place in them. */
export interface DecodedInput {
  readonly messages: readonly Message[];
  /** Items of the dialect's own tools: only a provider that speaks it can read them. */
  readonly hasNativeItems: boolean;
}

/** Gemini's signature of a text or a call, which our own answers carry as a field of theirs. */
function signatureOf(object: object): { readonly signature?: string } {
  const signature: unknown = Reflect.get(object, 'signature');
  return typeof signature === 'string' && signature !== '' ? { signature } : {};
}

function imageOf(part: Extract<ResponsesPart, { type: 'input_image' }>, path: string): ContentPart {
  const url = part.image_url ?? part.file_id;
  if (!url) throw refuse(path, `${path} must have image_url or file_id.`);
  return { type: 'image', url, ...(part.detail ? { detail: part.detail } : {}) };
}

function fileOf(part: Extract<ResponsesPart, { type: 'input_file' }>, path: string): ContentPart {
  const fileData = part.file_data ?? part.file_url ?? part.file_id;
  if (!fileData) throw refuse(path, `${path} must have file_data, file_url or file_id.`);
  return { type: 'file', fileData, ...(part.filename ? { filename: part.filename } : {}) };
}

function decodePart(part: ResponsesPart, path: string): ContentPart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: part.text, ...signatureOf(part) };
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'input_image':
      return imageOf(part, path);
    case 'input_file':
      return fileOf(part, path);
    case 'input_audio':
      return { type: 'audio', base64: part.input_audio.data, format: part.input_audio.format };
    case 'input_video':
      return { type: 'video', url: part.video_url };
  }
}

function decodeContent(content: ResponsesContent, path: string): ContentPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return content.map((part, index) => decodePart(part, `${path}[${index}]`));
}

interface Turn {
  readonly content: ContentPart[];
  readonly toolCalls: ToolCall[];
  readonly reasoning: ReasoningDetail[];
  refusal: string;
}

/** Gathers items into turns: what an assistant thought, said and called between two others is one message. */
class TurnBuilder {
  readonly messages: Message[] = [];
  #turn: Turn | null = null;

  /** The assistant's turn that is open, a new one if there is none. */
  get turn(): Turn {
    this.#turn ??= { content: [], toolCalls: [], reasoning: [], refusal: '' };
    return this.#turn;
  }

  add(message: Message): void {
    this.close();
    this.messages.push(message);
  }

  close(): void {
    if (this.#turn === null) return;
    const { refusal, ...turn } = this.#turn;
    this.messages.push({ role: 'assistant', ...turn, ...(refusal === '' ? {} : { refusal }) });
    this.#turn = null;
  }
}

interface Place {
  readonly item: JsonObject;
  readonly index: number;
  readonly path: string;
  /** The whole request, for the sentence of a refusal. */
  readonly body: JsonObject;
}

function read<Schema extends z.ZodType>(schema: Schema, { item, index, body }: Place): z.output<Schema> {
  const parsed = schema.safeParse(item);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw issue
    ? invalidRequest({ ...issue, path: ['input', index, ...issue.path] }, body)
    : refuse('input', 'The input is not valid.');
}

function addMessage(builder: TurnBuilder, place: Place): void {
  const { role, content } = read(messageItem, place);
  const path = `${place.path}.content`;
  if (role !== 'assistant') {
    builder.add({ role, content: decodeContent(content, path) });
    return;
  }
  const { turn } = builder;
  const refusals = typeof content === 'string' ? [] : content.filter((part) => part.type === 'refusal');
  for (const { refusal } of refusals) turn.refusal += refusal;
  const said = typeof content === 'string' ? content : content.filter((part) => part.type !== 'refusal');
  turn.content.push(...decodeContent(said, path));
}

function addOutput(
  builder: TurnBuilder,
  place: Place,
  schema: typeof functionCallOutputItem | typeof customToolCallOutputItem,
) {
  const { call_id: callId, output } = read(schema, place);
  builder.add({ role: 'tool', callId, content: decodeContent(output, `${place.path}.output`) });
}

/** Adds an item to the turns; false when the hub has no word for it. */
function addItem(builder: TurnBuilder, place: Place): boolean {
  const { type } = place.item;
  switch (typeof type === 'string' ? type : 'message') {
    case 'message':
      addMessage(builder, place);
      return true;
    case 'reasoning':
      read(reasoningItem, place);
      builder.turn.reasoning.push(...detailsOfItem(place.item));
      return true;
    case 'function_call': {
      const { call_id: callId, name, arguments: argumentsText } = read(functionCallItem, place);
      builder.turn.toolCalls.push({ callId, name, argumentsText: argumentsText ?? '', ...signatureOf(place.item) });
      return true;
    }
    case 'custom_tool_call': {
      const { call_id: callId, name, input } = read(customToolCallItem, place);
      builder.turn.toolCalls.push({ callId, name, argumentsText: customInput(input) });
      return true;
    }
    case 'function_call_output':
      addOutput(builder, place, functionCallOutputItem);
      return true;
    case 'custom_tool_call_output':
      addOutput(builder, place, customToolCallOutputItem);
      return true;
    case 'item_reference':
      throw refuse(place.path, 'Nothing is stored here, so that an item cannot be referred to: send the item itself.');
    default:
      return false;
  }
}

/** The input as messages, in its order. `instructions` come first. Throws AppError('invalid_request') with the path of the first wrong field. */
export function decodeInput(
  input: string | readonly JsonObject[],
  instructions: string,
  body: JsonObject,
): DecodedInput {
  const builder = new TurnBuilder();
  if (instructions !== '') builder.add({ role: 'system', content: [{ type: 'text', text: instructions }] });
  if (typeof input === 'string') {
    builder.add({ role: 'user', content: input === '' ? [] : [{ type: 'text', text: input }] });
    return { messages: builder.messages, hasNativeItems: false };
  }
  let hasNativeItems = false;
  for (const [index, item] of input.entries()) {
    const isKnown = addItem(builder, { item, index, path: `input[${index}]`, body });
    hasNativeItems ||= !isKnown;
  }
  builder.close();
  return { messages: builder.messages, hasNativeItems };
}

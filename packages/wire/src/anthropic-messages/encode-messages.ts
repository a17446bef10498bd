import {
  type ContentPart,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Message,
  type ReasoningDetail,
} from '@bourse/generation';
import { parseJson } from '../parse-json.ts';
import { CLAUDE } from './foreign-reasoning.ts';
import { documentSource, imageSource } from './media.ts';
import { type CallIds, createCallIds, type ToolNames } from './names.ts';

/** A block of ours, on its way to being sent: later steps take marks away and put results first. */
export type Block = Record<string, JsonValue | undefined>;

/** One turn: Anthropic wants users and assistants to alternate. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  blocks: Block[];
}

/** A conversation in Anthropic's form. */
export interface Conversation {
  readonly system: Block[];
  readonly turns: Turn[];
}

/** A block's mark. */
export function markOf({ cache }: Pick<ContentPart, 'cache'>): { readonly cache_control?: JsonObject } {
  return cache === undefined ? {} : { cache_control: { type: 'ephemeral', ...cache } };
}

/** The arguments of a call as the object that they must be. What a model wrote wrongly is kept, under a name that says so. */
export function inputOf(argumentsText: string): JsonObject {
  if (argumentsText.trim() === '') return {};
  const parsed = parseJson(argumentsText);
  return isJsonObject(parsed) ? parsed : { _raw: argumentsText };
}

/** A part as a block; none for text without a visible character, which Anthropic refuses, and for what it cannot read. */
function blockOf(part: ContentPart): Block[] {
  switch (part.type) {
    case 'text':
      return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text, ...markOf(part) }];
    case 'image': {
      const source = imageSource(part.url);
      return source === null ? [] : [{ type: 'image', source, ...markOf(part) }];
    }
    case 'file': {
      const source = documentSource(part.fileData);
      const title = part.filename ? { title: part.filename } : {};
      return source === null ? [] : [{ type: 'document', source, ...title, ...markOf(part) }];
    }
    case 'audio':
    case 'video':
      return [];
  }
}

/** Only what Anthropic itself signed or encrypted goes back to it: it verifies both. */
function thoughtOf(detail: ReasoningDetail): Block[] {
  if (detail.format !== CLAUDE) return [];
  if (detail.type === 'encrypted') return [{ type: 'redacted_thinking', data: detail.data }];
  if (detail.type === 'summary' || !detail.signature) return [];
  return [{ type: 'thinking', thinking: detail.text, signature: detail.signature }];
}

function resultOf(message: Extract<Message, { role: 'tool' }>, ids: CallIds): Block {
  const inner = message.content.flatMap(blockOf);
  const { content } = message;
  const [first] = inner;
  // A mark on what a tool answered is a mark on the result: blocks within it have none.
  const marked = content.findLast((part) => part.cache !== undefined);
  for (const block of inner) delete block['cache_control'];
  const isPlain = inner.length === 1 && first?.['type'] === 'text';
  return {
    type: 'tool_result',
    tool_use_id: ids.result(message.callId),
    ...(inner.length === 0 ? {} : { content: isPlain ? first['text'] : inner }),
    ...(message.isError === undefined ? {} : { is_error: message.isError }),
    ...(marked === undefined ? {} : markOf(marked)),
  };
}

function assistantBlocks(message: Extract<Message, { role: 'assistant' }>, names: ToolNames, ids: CallIds): Block[] {
  const text = message.content.flatMap((part) => (part.type === 'text' ? blockOf(part) : []));
  const said = text.length === 0 && message.refusal ? blockOf({ type: 'text', text: message.refusal }) : text;
  const calls = message.toolCalls.map((call) => ({
    type: 'tool_use',
    id: ids.call(call.callId),
    name: names.sent(call.name),
    input: inputOf(call.argumentsText),
  }));
  return [...message.reasoning.flatMap(thoughtOf), ...said, ...calls];
}

/** Instructions in the middle of a conversation keep their place: the user's turn says whose they are. */
function lateSystem(content: readonly ContentPart[]): Block[] {
  return content.flatMap((part) =>
    blockOf(
      part.type === 'text' && part.text.trim() !== '' ? { ...part, text: `<system>${part.text}</system>` } : part,
    ),
  );
}

function turnOf(message: Message, names: ToolNames, ids: CallIds): Turn {
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'user', blocks: lateSystem(message.content) };
    case 'user':
      return { role: 'user', blocks: message.content.flatMap(blockOf) };
    case 'tool':
      return { role: 'user', blocks: [resultOf(message, ids)] };
    case 'assistant':
      return { role: 'assistant', blocks: assistantBlocks(message, names, ids) };
  }
}

/** Results come first in their turn, and before whatever is said with them. */
function withResultsFirst(blocks: readonly Block[]): Block[] {
  const results = blocks.filter((block) => block['type'] === 'tool_result');
  return [...results, ...blocks.filter((block) => block['type'] !== 'tool_result')];
}

/** A beginning that the assistant is to go on from must not end with white space. */
function trimPrefill(turns: Turn[]): void {
  const last = turns.at(-1);
  const block = last?.blocks.at(-1);
  if (last?.role === 'assistant' && typeof block?.['text'] === 'string') block['text'] = block['text'].trimEnd();
}

/** The messages as a system prompt and turns: neighbours of one role are one turn, and a turn without content is none. */
export function encodeConversation(messages: readonly Message[], names: ToolNames): Conversation {
  const ids = createCallIds();
  const isSystem = ({ role }: Message) => role === 'system' || role === 'developer';
  const firstTurn = messages.findIndex((message) => !isSystem(message));
  const [leading, rest] =
    firstTurn === -1
      ? // Instructions alone are a question: Anthropic wants a user to begin.
        [messages.slice(0, -1), messages.slice(-1).map((message) => ({ ...message, role: 'user' as const }))]
      : [messages.slice(0, firstTurn), messages.slice(firstTurn)];
  const turns: Turn[] = [];
  for (const message of rest) {
    const { role, blocks } = turnOf(message, names, ids);
    const last = turns.at(-1);
    if (blocks.length === 0) continue;
    if (last?.role === role) last.blocks.push(...blocks);
    else turns.push({ role, blocks });
  }
  for (const turn of turns) if (turn.role === 'user') turn.blocks = withResultsFirst(turn.blocks);
  trimPrefill(turns);
  const system = leading.flatMap(({ content }) =>
    content.flatMap((part) => (part.type === 'text' ? blockOf(part) : [])),
  );
  return { system, turns };
}

import {
  type CacheHint,
  type ContentPart,
  isJsonObject,
  type JsonObject,
  type Message,
  type Prompt,
  type ReasoningDetail,
  type ToolCall,
} from '@bourse/generation';
import { parseJson } from '../parse-json.ts';
import { freeName, type ToolNames } from '../request/tool-names.ts';
import { createDocumentNames, encodeMedia } from './encode-media.ts';
import { isReadAgain } from './thinking.ts';

/** A block, and whether the prompt is worth caching up to it: the mark is a block of its own that follows. */
export interface Piece {
  readonly block: JsonObject;
  readonly cache?: CacheHint | undefined;
}

/** A turn while it is written. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly pieces: Piece[];
}

/** The conversation in Converse's two parts. */
export interface Turns {
  readonly system: readonly Piece[];
  readonly turns: readonly Turn[];
}

/** What decides how messages are written. */
export interface TurnContext {
  readonly names: ToolNames;
  /** The request has tools: otherwise Converse refuses blocks of calls and results, and they are told in words. */
  readonly hasTools: boolean;
  /** The model reads its own signed thoughts again. */
  readonly readsReasoning: boolean;
}

/** Blank text is refused everywhere ("The text field in the ContentBlock object is blank"). */
function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** Arguments as the object that Converse wants. What a model wrote wrongly is kept as it is, under a name that says so. */
function inputOf({ argumentsText }: ToolCall): JsonObject {
  if (isBlank(argumentsText)) return {};
  const parsed = parseJson(argumentsText);
  return isJsonObject(parsed) ? parsed : { _raw: argumentsText };
}

function reasoningPieces(details: readonly ReasoningDetail[]): Piece[] {
  return details.flatMap((detail): Piece[] => {
    if (!isReadAgain(detail)) return [];
    if (detail.type === 'encrypted') return [{ block: { reasoningContent: { redactedContent: detail.data } } }];
    const reasoningText = { text: detail.text, signature: detail.signature };
    return [{ block: { reasoningContent: { reasoningText } } }];
  });
}

/** Puts messages together to turns that alternate, with every call answered in the turn behind it. */
class TurnWriter {
  readonly #context: TurnContext;
  readonly #turns: Turn[] = [];
  readonly #nameDocument = createDocumentNames();
  readonly #usedIds = new Set<string>();
  /** Calls of the last assistant turn that have no result yet: the client's id, and ours for the provider. */
  readonly #open: { readonly callId: string; readonly toolUseId: string }[] = [];

  constructor(context: TurnContext) {
    this.#context = context;
  }

  add(message: Message): void {
    if (message.role === 'assistant') this.#addAssistant(message);
    else if (message.role === 'tool') this.#addResult(message);
    else if (message.role === 'user') this.#push('user', this.#parts(message.content));
    else this.#push('user', this.#lateInstructions(message.content));
  }

  finish(): readonly Turn[] {
    this.#closeCalls();
    if (this.#turns[0]?.role !== 'user') this.#turns.unshift({ role: 'user', pieces: [{ block: { text: '.' } }] });
    return this.#turns.map(({ role, pieces }) => ({ role, pieces: role === 'user' ? resultsFirst(pieces) : pieces }));
  }

  #push(role: Turn['role'], pieces: readonly Piece[]): void {
    if (pieces.length === 0) return;
    const last = this.#turns.at(-1);
    if (last?.role === role) last.pieces.push(...pieces);
    else this.#turns.push({ role, pieces: [...pieces] });
  }

  #parts(content: readonly ContentPart[]): Piece[] {
    return content.flatMap((part): Piece[] => {
      if (part.type === 'text') return isBlank(part.text) ? [] : [{ block: { text: part.text }, cache: part.cache }];
      // `lacks` keeps sound away.
      return part.type === 'audio' ? [] : [{ block: encodeMedia(part, this.#nameDocument), cache: part.cache }];
    });
  }

  /** Instructions in the middle of a conversation stay where they are; there is no role for them. */
  #lateInstructions(content: readonly ContentPart[]): Piece[] {
    return this.#parts(content).map(({ block, cache }) => {
      const { text } = block;
      return { block: typeof text === 'string' ? { text: `<system>\n${text}\n</system>` } : block, cache };
    });
  }

  #addAssistant(message: Extract<Message, { role: 'assistant' }>): void {
    if (this.#turns.at(-1)?.role === 'user') this.#closeCalls();
    const texts = message.content.filter((part) => part.type === 'text');
    const refusal = message.refusal === undefined ? [] : [{ type: 'text' as const, text: message.refusal }];
    this.#push('assistant', [
      ...(this.#context.readsReasoning ? reasoningPieces(message.reasoning) : []),
      ...this.#parts([...texts, ...refusal]),
      ...message.toolCalls.map((call) => this.#call(call)),
    ]);
  }

  #call(call: ToolCall): Piece {
    const { names, hasTools } = this.#context;
    if (!hasTools) return { block: { text: `[Called the tool ${call.name} with ${call.argumentsText || '{}'}]` } };
    const toolUseId = freeName(call.callId, (id) => this.#usedIds.has(id));
    this.#usedIds.add(toolUseId);
    this.#open.push({ callId: call.callId, toolUseId });
    return { block: { toolUse: { toolUseId, name: names.toProvider(call.name), input: inputOf(call) } } };
  }

  #addResult({ callId, content, isError }: Extract<Message, { role: 'tool' }>): void {
    const pieces = this.#parts(content);
    const [answered] = this.#open.splice(this.#openAt(callId), 1);
    if (answered === undefined) {
      this.#push('user', [{ block: { text: `[Result of the tool call ${callId}]` } }, ...pieces]);
      return;
    }
    const { toolUseId } = answered;
    const blocks = pieces.length === 0 ? [{ text: '(empty)' }] : pieces.map(({ block }) => block);
    const toolResult = { toolUseId, content: blocks, ...(isError === true ? { status: 'error' } : {}) };
    this.#push('user', [{ block: { toolResult }, cache: pieces.findLast(({ cache }) => cache !== undefined)?.cache }]);
  }

  /** Results of calls with the same id come in the order of the calls. Behind the last one where there is none. */
  #openAt(callId: string): number {
    const at = this.#open.findIndex((open) => open.callId === callId);
    return at === -1 ? this.#open.length : at;
  }

  /** A call without a result would be refused, and with it the whole conversation. */
  #closeCalls(): void {
    for (const { toolUseId } of this.#open.splice(0)) {
      const content = [{ text: 'There is no result of this call.' }];
      this.#push('user', [{ block: { toolResult: { toolUseId, content, status: 'error' } } }]);
    }
  }
}

/** Results come before anything else in their turn, and a document needs words beside it. */
function resultsFirst(pieces: readonly Piece[]): Piece[] {
  const isResult = ({ block }: Piece) => block['toolResult'] !== undefined;
  const ordered = [...pieces.filter(isResult), ...pieces.filter((piece) => !isResult(piece))];
  const isMute = ordered.some(({ block }) => block['document']) && !ordered.some(({ block }) => block['text']);
  return isMute ? [...ordered, { block: { text: 'See the document.' } }] : ordered;
}

/** White space at the end of a beginning that the model is to continue is refused. */
function withoutTrailingSpace(turns: readonly Turn[]): readonly Turn[] {
  const last = turns.at(-1);
  const piece = last?.pieces.at(-1);
  const text = piece?.block['text'];
  if (last?.role !== 'assistant' || typeof text !== 'string') return turns;
  const trimmed: Piece = { ...piece, block: { text: text.trimEnd() } };
  return [...turns.slice(0, -1), { ...last, pieces: [...last.pieces.slice(0, -1), trimmed] }];
}

/** The conversation. Leading instructions become the system part, in blocks, so that each may carry its own cache point. */
export function encodeTurns(prompt: Prompt, context: TurnContext): Turns {
  const isInstruction = ({ role }: Message) => role === 'system' || role === 'developer';
  const found = prompt.messages.findIndex((message) => !isInstruction(message));
  const leading = found === -1 ? prompt.messages.length : found;
  const system = prompt.messages
    .slice(0, leading)
    .flatMap(({ content }) =>
      content.flatMap((part): Piece[] =>
        part.type === 'text' && !isBlank(part.text) ? [{ block: { text: part.text }, cache: part.cache }] : [],
      ),
    );
  const writer = new TurnWriter(context);
  for (const message of prompt.messages.slice(leading)) writer.add(message);
  return { system, turns: withoutTrailingSpace(writer.finish()) };
}

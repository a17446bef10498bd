import {
  type ContentPart,
  isJsonObject,
  type JsonObject,
  type Message,
  type Prompt,
  type ReasoningDetail,
  type ToolCall,
} from '@bourse/generation';
import { parseJson } from '../parse-json.ts';
import { encodeMedia } from './media.ts';
import { isGemini3, type ModelFamily } from './model-family.ts';
import type { ToolNames } from './tool-names.ts';

type AssistantMessage = Extract<Message, { role: 'assistant' }>;
type ToolMessage = Extract<Message, { role: 'tool' }>;

/** What the encoding of a conversation depends on. */
export interface ContentsContext {
  readonly family: ModelFamily;
  readonly names: ToolNames;
}

interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: JsonObject[];
  /** Answers of tools are a turn of their own: its functionResponse parts must be as many as the calls before it. */
  readonly isResults: boolean;
}

/**
 * The word with which Gemini 3 accepts a call of a model that does not sign (thought signatures guide, read 2026-11). Older models have not
 * heard of it.
 */
export const NOT_OURS = 'skip_thought_signature_validator';

/** Said where a conversation would begin with the model, which is refused. */
const OPENING: JsonObject = { text: '...' };
const NO_RESULT = 'The tool gave no result.';

function encodePart(part: ContentPart): JsonObject {
  return part.type === 'text' ? { text: part.text } : encodeMedia(part);
}

/** Empty texts say nothing, and are refused in places. */
function encodeParts(content: readonly ContentPart[]): JsonObject[] {
  return content.filter((part) => part.type !== 'text' || part.text !== '').map(encodePart);
}

function textOf(content: readonly ContentPart[]): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Arguments are an object here. What a model wrote that is none goes along as text, so that nothing is lost. */
function argumentsOf({ argumentsText }: ToolCall): JsonObject {
  if (argumentsText.trim() === '') return {};
  const parsed = parseJson(argumentsText);
  return isJsonObject(parsed) ? parsed : { _raw: argumentsText };
}

/** Signatures of this family that a client brings back among the reasoning: a call's own by its id, others in their order. */
function signaturesIn(reasoning: readonly ReasoningDetail[]): { byId: Map<string, string>; rest: string[] } {
  const byId = new Map<string, string>();
  const rest: string[] = [];
  for (const detail of reasoning) {
    if (detail.format !== 'google-gemini-v1' || detail.type === 'summary') continue;
    const signature = detail.type === 'encrypted' ? detail.data : detail.signature;
    if (signature === undefined || signature === '') continue;
    if (detail.id !== undefined && detail.type === 'encrypted') byId.set(detail.id, signature);
    else rest.push(signature);
  }
  return { byId, rest };
}

function signed(part: JsonObject, signature: string | undefined): JsonObject {
  return signature === undefined ? part : { ...part, thoughtSignature: signature };
}

/**
 * A turn of the model: text, then calls. The words of its thoughts stay behind, because an edited thought is refused and the signatures say
 * all that the model needs. Of parallel calls only the first has a signature.
 */
function modelParts(message: AssistantMessage, { family, names }: ContentsContext): JsonObject[] {
  const { byId, rest } = signaturesIn(message.reasoning);
  const texts = message.content
    .filter((part) => part.type !== 'text' || part.text !== '' || part.signature !== undefined)
    .map((part) => signed(encodePart(part), part.type === 'text' ? part.signature : undefined));
  if (message.refusal) texts.push({ text: message.refusal });
  const calls = message.toolCalls.map((call, index) => {
    const isFirst = index === 0;
    const own = call.signature ?? byId.get(call.callId) ?? (isFirst ? rest.shift() : undefined);
    const signature = own ?? (isFirst && isGemini3(family) ? NOT_OURS : undefined);
    const id = isGemini3(family) ? { id: call.callId } : {};
    return signed({ functionCall: { ...id, name: names.toProvider(call.name), args: argumentsOf(call) } }, signature);
  });
  const last = texts.at(-1);
  const hasText = calls.length === 0 && last?.['text'] !== undefined && last['thoughtSignature'] === undefined;
  if (hasText) texts.splice(-1, 1, signed(last, rest.shift()));
  return [...texts, ...calls];
}

/** The answer of a tool as the object that it must be. Pictures are parts of it from Gemini 3 on, and follow it before. */
function resultParts(call: ToolCall, result: ToolMessage | null, { family, names }: ContentsContext): JsonObject[] {
  const media = (result?.content ?? []).filter((part) => part.type !== 'text').map(encodePart);
  const text = result === null ? NO_RESULT : textOf(result.content);
  const isInside = isGemini3(family) && media.length > 0;
  const functionResponse = {
    ...(isGemini3(family) ? { id: call.callId } : {}),
    name: names.toProvider(call.name),
    response: result === null || result.isError === true ? { error: text } : { output: text },
    ...(isInside ? { parts: media } : {}),
  };
  return isInside ? [{ functionResponse }] : [{ functionResponse }, ...media];
}

/** A result for which there is no call: its words are kept. */
function strayResult(result: ToolMessage): JsonObject[] {
  return [{ text: `<tool_result id=${JSON.stringify(result.callId)}>` }, ...encodeParts(result.content)];
}

/** Gathers turns. Neighbours of one role become one turn, and open calls are answered before anything else is said. */
class Turns {
  readonly turns: Turn[] = [];
  readonly #context: ContentsContext;
  #open: readonly ToolCall[] = [];
  #results: ToolMessage[] = [];

  constructor(context: ContentsContext) {
    this.#context = context;
  }

  say(role: Turn['role'], parts: readonly JsonObject[], calls: readonly ToolCall[] = []): void {
    this.answerCalls();
    if (parts.length === 0) return;
    this.#append({ role, parts: [...parts], isResults: false });
    this.#open = calls;
  }

  result(message: ToolMessage): void {
    this.#results.push(message);
  }

  answerCalls(): void {
    const results = this.#results;
    const parts = this.#open.flatMap((call) => {
      const at = results.findIndex((result) => result.callId === call.callId);
      const [result = null] = at === -1 ? [] : results.splice(at, 1);
      return resultParts(call, result, this.#context);
    });
    this.#open = [];
    this.#results = [];
    if (parts.length > 0) this.#append({ role: 'user', parts, isResults: true });
    const stray = results.flatMap(strayResult);
    if (stray.length > 0) this.#append({ role: 'user', parts: stray, isResults: false });
  }

  #append(turn: Turn): void {
    const last = this.turns.at(-1);
    if (last === undefined && turn.role === 'model')
      this.turns.push({ role: 'user', parts: [OPENING], isResults: false });
    if (last?.role === turn.role && !last.isResults && !turn.isResults) last.parts.push(...turn.parts);
    else this.turns.push(turn);
  }
}

/** System text that comes after the conversation has begun stays where it is, marked as what it is. */
function lateSystem(content: readonly ContentPart[]): JsonObject[] {
  const text = textOf(content);
  return text === '' ? [] : [{ text: `<system>\n${text}\n</system>` }];
}

/** The conversation as `contents` and `systemInstruction`: the leading run of system messages is hoisted. */
export function encodeContents(prompt: Prompt, context: ContentsContext): JsonObject {
  const firstTurn = prompt.messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const leading = firstTurn === -1 ? prompt.messages : prompt.messages.slice(0, firstTurn);
  const system = leading.flatMap((message) => encodeParts(message.content));
  const turns = new Turns(context);
  for (const message of prompt.messages.slice(leading.length)) {
    if (message.role === 'tool') turns.result(message);
    else if (message.role === 'assistant') turns.say('model', modelParts(message, context), message.toolCalls);
    else if (message.role === 'user') turns.say('user', encodeParts(message.content));
    else turns.say('user', lateSystem(message.content));
  }
  turns.answerCalls();
  const contents = turns.turns.map(({ role, parts }) => ({ role, parts }));
  // There must be contents; a prompt of system text alone is then the question.
  if (contents.length === 0) return { contents: [{ role: 'user', parts: system.length > 0 ? system : [OPENING] }] };
  return { ...(system.length > 0 ? { systemInstruction: { parts: system } } : {}), contents };
}

import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import { failureInBody, type ProviderFailure } from '../provider-failure.ts';
import type { AnswerFacts, ToolCallPiece } from '../wire-format.ts';
import { finishOf } from './finish-reasons.ts';
import { claimsUsage, decodeUsage } from './usage.ts';

/** The texts of a list of parts. */
function textOfParts(parts: JsonValue | undefined): string {
  let text = '';
  for (const part of Array.isArray(parts) ? parts : []) {
    if (isJsonObject(part) && typeof part['text'] === 'string') text += part['text'];
  }
  return text;
}

/** Text of a `content` that is a string or a list of parts. */
export function textOfContent(content: JsonValue | undefined): string {
  return typeof content === 'string' ? content : textOfParts(content);
}

/** Mistral's reasoning models put their thinking into `content`, as parts `{type: "thinking", thinking: [parts]}`. */
function textOfThinking(content: JsonValue | undefined): string {
  let text = '';
  for (const part of Array.isArray(content) ? content : []) {
    if (isJsonObject(part) && part['type'] === 'thinking') text += textOfParts(part['thinking']);
  }
  return text;
}

/**
 * Reasoning text, under whichever name: `reasoning` (OpenRouter, Groq, vLLM), `reasoning_content` (DeepSeek and its
 * family), else the texts of `reasoning_details` or the thinking parts of `content`. Providers that send several send the
 * same text several times.
 */
export function textOfReasoning(message: JsonObject): string {
  const { reasoning, reasoning_content: content, reasoning_details: details } = message;
  if (typeof reasoning === 'string' && reasoning !== '') return reasoning;
  if (typeof content === 'string' && content !== '') return content;
  if (!Array.isArray(details)) return textOfThinking(message['content']);
  let text = '';
  for (const detail of details) {
    if (!isJsonObject(detail)) continue;
    if (typeof detail['text'] === 'string') text += detail['text'];
    else if (typeof detail['summary'] === 'string') text += detail['summary'];
  }
  return text;
}

function textOfToolCalls(message: JsonObject): string {
  const { tool_calls: calls, function_call: legacy } = message;
  let text = '';
  for (const call of Array.isArray(calls) ? calls : []) {
    const called = isJsonObject(call) ? call['function'] : undefined;
    if (isJsonObject(called) && typeof called['arguments'] === 'string') text += called['arguments'];
  }
  if (isJsonObject(legacy) && typeof legacy['arguments'] === 'string') text += legacy['arguments'];
  return text;
}

/** The calls in a message or a piece of one. In whole messages they have no index and are told apart by their place. */
function toolCallsIn(message: JsonObject, choice: number): readonly ToolCallPiece[] {
  const { tool_calls: calls } = message;
  if (!Array.isArray(calls)) return [];
  return calls.flatMap((call, position) => {
    const called = isJsonObject(call) ? call['function'] : undefined;
    if (!isJsonObject(call) || !isJsonObject(called)) return [];
    const { name, arguments: text } = called;
    const index = typeof call['index'] === 'number' ? call['index'] : position;
    const isNamed = typeof name === 'string' && name !== '';
    const argumentsText = typeof text === 'string' ? text : '';
    return [{ key: `${choice}:${index}`, name: isNamed ? name : null, argumentsText }];
  });
}

/** Output that is not text: calls, pictures, sound. */
export function hasMore(message: JsonObject): boolean {
  const { tool_calls: calls, function_call: legacy, images, audio } = message;
  const lists = [calls, images].some((list) => Array.isArray(list) && list.length > 0);
  return lists || isJsonObject(legacy) || isJsonObject(audio);
}

function textOfMessage(message: JsonObject): string {
  const { refusal, audio } = message;
  const transcript = isJsonObject(audio) && typeof audio['transcript'] === 'string' ? audio['transcript'] : '';
  const refused = typeof refusal === 'string' ? refusal : '';
  return textOfReasoning(message) + textOfContent(message['content']) + transcript + refused + textOfToolCalls(message);
}

/** The error that a 200 body or chunk reports: a top-level `error`, one of a choice, or `finish_reason: "error"`. */
export function errorIn(root: JsonObject, choices: readonly JsonValue[]): ProviderFailure | null {
  const { error } = root;
  if (isJsonObject(error) || (typeof error === 'string' && error !== '')) return failureInBody(root);
  // vLLM's older error chunk: {"object":"error","message":...,"code":400}.
  if (root['object'] === 'error') return failureInBody(root);
  for (const choice of choices) {
    if (!isJsonObject(choice)) continue;
    if (isJsonObject(choice['error'])) return failureInBody(choice);
    if (choice['finish_reason'] === 'error') return failureInBody({ message: 'The provider ended with an error.' });
  }
  return null;
}

/** Reads one chunk (`part` is "delta") or one whole body ("message"), whatever it lacks. */
export function readFacts(root: JsonObject, part: 'delta' | 'message'): AnswerFacts {
  const { choices: listed, id } = root;
  const choices: readonly JsonValue[] = Array.isArray(listed) ? listed : [];
  let finishReason: string | null = null;
  let outputText = '';
  let hasOutput = false;
  let toolCalls: readonly ToolCallPiece[] | null = null;
  for (const choice of choices) {
    if (!isJsonObject(choice)) continue;
    const { finish_reason: reason, [part]: message } = choice;
    if (typeof reason === 'string' && reason !== '') finishReason = reason;
    if (!isJsonObject(message)) continue;
    outputText += textOfMessage(message);
    hasOutput ||= hasMore(message);
    if (message['tool_calls'] === undefined) continue;
    const calls = toolCallsIn(message, typeof choice['index'] === 'number' ? choice['index'] : 0);
    if (calls.length > 0) toolCalls = toolCalls === null ? calls : [...toolCalls, ...calls];
  }
  const usage = decodeUsage(root['usage']);
  const facts = {
    usage,
    isUsageUnreadable: usage === null && claimsUsage(root['usage']),
    finish: finishReason === null ? null : finishOf(finishReason),
    upstreamId: typeof id === 'string' && id !== '' ? id : null,
    outputText,
    hasOutput: hasOutput || outputText !== '',
    error: errorIn(root, choices),
  };
  return toolCalls === null ? facts : { ...facts, toolCalls };
}

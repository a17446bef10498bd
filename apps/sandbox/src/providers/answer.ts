import { type ChatRequest, lastUserText, textOf } from './chat-request.ts';
import { valueForSchema } from './json-schema.ts';
import { type Random, seededRandom } from './random.ts';
import { deliberation, essay, phrase, prose, topicOf } from './text.ts';
import { countTokens, cutToTokens } from './tokens.ts';
import { planToolCalls, type ToolCall } from './tool-calls.ts';

/** Why a choice ended, in OpenAI's words. */
export type FinishReason = 'stop' | 'length' | 'tool_calls';

/** One of the `n` answers. `reasoning` is '' for models that do not think aloud. */
export type Choice = {
  readonly index: number;
  readonly reasoning: string;
  readonly content: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  readonly reasoningTokens: number;
  /** Everything that was generated: reasoning, content and calls. */
  readonly completionTokens: number;
};

/** Tokens left to generate; Infinity when the client set no limit. */
function tokenLimit(request: ChatRequest): number {
  return request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
}

function objectAbout(topic: string, random: Random): string {
  const value = {
    topic,
    summary: essay(random, topic).split('. ')[0],
    points: [phrase(random), phrase(random)],
    confidence: Math.round(random() * 100) / 100,
  };
  return JSON.stringify(value);
}

/** Prose of exactly `length` tokens, for a model whose name asks for it (`atlas-instant-length-200`). */
function proseOfLength(length: number, topic: string, random: Random): string {
  const source = prose(random, topic);
  let text = '';
  let tokens = 0;
  // Joined sentences have slightly fewer tokens than their sum: a full stop and a paragraph break are one token.
  while (tokens <= length * 1.1 + 20) {
    const sentence = source.next().value;
    text += sentence;
    tokens += countTokens(sentence);
  }
  return cutToTokens(text, length).text;
}

function quoteOfToolResult(request: ChatRequest): string | undefined {
  const last = request.messages.at(-1);
  if (last?.role !== 'tool') return undefined;
  const call = request.messages
    .flatMap((message) => message.tool_calls ?? [])
    .findLast((candidate) => candidate.id === last.tool_call_id);
  const quoted = textOf(last.content).slice(0, 2_000);
  return `The ${call?.function.name ?? 'tool'} call returned: ${quoted}`;
}

function writeContent(request: ChatRequest, random: Random): string {
  const topic = topicOf(lastUserText(request.messages));
  const format = request.response_format;
  if (format?.type === 'json_schema') return JSON.stringify(valueForSchema(format.json_schema.schema, random));
  if (format?.type === 'json_object') return objectAbout(topic, random);
  const quote = quoteOfToolResult(request);
  if (quote !== undefined) return `${quote}\n\n${essay(random, topic)}`;
  const length = /length-(\d{1,6})/.exec(request.model)?.[1];
  return length === undefined ? essay(random, topic) : proseOfLength(Number(length), topic, random);
}

/** Cuts at the first stop sequence; the sequence itself is not part of the answer. */
function cutAtStop(text: string, stop: ChatRequest['stop']): string {
  const sequences = typeof stop === 'string' ? [stop] : (stop ?? []);
  const places = sequences.filter((sequence) => sequence !== '').map((sequence) => text.indexOf(sequence));
  const found = places.filter((place) => place >= 0);
  return found.length === 0 ? text : text.slice(0, Math.min(...found));
}

type Spoken = Pick<Choice, 'content' | 'toolCalls' | 'finishReason'> & { readonly tokens: number };

function callWithin(calls: readonly ToolCall[], limit: number): Spoken {
  const kept: ToolCall[] = [];
  let tokens = 0;
  for (const call of calls) {
    const nameTokens = countTokens(call.name);
    if (tokens + nameTokens >= limit) return { content: '', toolCalls: kept, finishReason: 'length', tokens };
    const { text, isCut } = cutToTokens(call.argumentsText, limit - tokens - nameTokens);
    kept.push({ name: call.name, argumentsText: text });
    tokens += nameTokens + countTokens(text);
    if (isCut) return { content: '', toolCalls: kept, finishReason: 'length', tokens };
  }
  return { content: '', toolCalls: kept, finishReason: 'tool_calls', tokens };
}

function speakWithin(request: ChatRequest, random: Random, limit: number): Spoken {
  const { text, isCut } = cutToTokens(writeContent(request, random).toWellFormed(), limit);
  const content = cutAtStop(text, request.stop);
  const finishReason = content.length === text.length && isCut ? 'length' : 'stop';
  return { content, toolCalls: [], finishReason, tokens: countTokens(content) };
}

function composeChoice(request: ChatRequest, index: number): Choice {
  const { model, messages, seed } = request;
  const random = seededRandom(JSON.stringify([model, messages, seed ?? 0, index]));
  const limit = tokenLimit(request);
  const isThinking = request.reasoning_effort ? request.reasoning_effort !== 'none' : model.includes('reason');
  const thought = isThinking ? deliberation(random, topicOf(lastUserText(messages))) : '';
  const reasoning = cutToTokens(thought, limit).text;
  const reasoningTokens = countTokens(reasoning);
  const calls = planToolCalls(request, random);
  const rest = limit - reasoningTokens;
  const spoken = calls.length > 0 ? callWithin(calls, rest) : speakWithin(request, random, rest);
  const { content, toolCalls, finishReason, tokens } = spoken;
  return {
    index,
    reasoning,
    content,
    toolCalls,
    finishReason,
    reasoningTokens,
    completionTokens: reasoningTokens + tokens,
  };
}

/**
 * The answers to a request: a function of model, messages and seed alone, then cut by the token limit and the stop
 * sequences. Asking again, streamed or not, gives the same text.
 */
export function composeChoices(request: ChatRequest): Choice[] {
  return Array.from({ length: request.n ?? 1 }, (_, index) => composeChoice(request, index));
}

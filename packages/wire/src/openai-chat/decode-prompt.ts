import { AppError } from '@bourse/errors';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Prompt,
  type ReasoningRequest,
  type ResponseFormat,
  type Sampling,
  type ToolChoice,
} from '@bourse/generation';
import { decodeMessage, decodeTool, messageExtras } from './decode-messages.ts';
import { isForwarded, isKnown, parameterNames } from './fields.ts';
import { jsonBytes, messageBytes, schemaBytes } from './input-bytes.ts';
import { invalidRequest } from './issue-sentence.ts';
import { decodePreferences } from './preferences.ts';
import { type ChatRequest, chatRequestSchema } from './schema.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function refuse(path: string, sentence: string): AppError {
  return new AppError('invalid_request', sentence, { metadata: { path } });
}

function decodeSampling(request: ChatRequest): Sampling {
  const sampling: Writable<Sampling> = {};
  const set = <Knob extends keyof Sampling>(knob: Knob, value: Sampling[Knob] | null | undefined) => {
    if (value !== null && value !== undefined) sampling[knob] = value;
  };
  set('temperature', request.temperature);
  set('topP', request.top_p);
  set('topK', request.top_k);
  set('minP', request.min_p);
  set('topA', request.top_a);
  set('frequencyPenalty', request.frequency_penalty);
  set('presencePenalty', request.presence_penalty);
  set('repetitionPenalty', request.repetition_penalty);
  set('seed', request.seed);
  set('stop', typeof request.stop === 'string' ? [request.stop] : request.stop);
  set('logitBias', request.logit_bias);
  set('logprobs', request.logprobs);
  set('topLogprobs', request.top_logprobs);
  return sampling;
}

function decodeToolChoice(choice: ChatRequest['tool_choice']): ToolChoice | undefined {
  if (!choice) return undefined;
  return typeof choice === 'string' ? { type: choice } : { type: 'tool', name: choice.function.name };
}

function decodeResponseFormat(format: ChatRequest['response_format']): ResponseFormat | undefined {
  if (!format) return undefined;
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, schema, description, strict } = format.json_schema;
  return {
    type: 'json_schema',
    name,
    ...(schema ? { schema: schema as JsonObject } : {}), // validated seam: the body was JSON.
    ...(description ? { description } : {}),
    ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
  };
}

function decodeReasoning(request: ChatRequest): ReasoningRequest | undefined {
  const { reasoning, reasoning_effort: shorthand, include_reasoning: isIncluded } = request;
  if (!reasoning && !shorthand && typeof isIncluded !== 'boolean') return undefined;
  const named = reasoning?.effort ?? undefined;
  if (named && shorthand && named !== shorthand) {
    throw refuse('reasoning_effort', 'reasoning_effort and reasoning.effort must not contradict one another.');
  }
  const effort = named ?? shorthand ?? (reasoning?.enabled === false ? 'none' : undefined);
  const tokensMax = reasoning?.max_tokens ?? undefined;
  if (effort && tokensMax) {
    throw refuse('reasoning', 'reasoning.effort and reasoning.max_tokens are alternatives: send one of them.');
  }
  const isExcluded = reasoning?.exclude ?? (isIncluded === false ? true : undefined);
  return {
    ...(effort ? { effort } : {}),
    ...(tokensMax ? { tokensMax } : {}),
    ...(isExcluded === undefined ? {} : { isExcluded }),
  };
}

/** Names of the parameters that are sent and mean something: an empty tool list or `{"type":"text"}` asks for nothing. */
function sentParameters(request: ChatRequest): string[] {
  const isStructured = request.response_format?.type === 'json_schema';
  return parameterNames.filter((name) => {
    const value: unknown = Reflect.get(request, name);
    if (name === 'structured_outputs' && isStructured) return true;
    if (value === undefined || value === null) return false;
    if (name === 'tools') return (request.tools ?? []).length > 0;
    if (name === 'response_format') return request.response_format?.type !== 'text';
    return true;
  });
}

/** Everything that may reach the model counts, also what the hub does not carry: the hold must not be too small. */
function weigh(request: ChatRequest, prompt: Pick<Prompt, 'messages' | 'extensions'>, body: JsonObject): number {
  let bytes = 0;
  for (const message of prompt.messages) bytes += messageBytes(message);
  for (const [index, message] of (request.messages ?? []).entries()) {
    for (const extra of messageExtras(message)) bytes += jsonBytes(extra, `messages[${index}]`);
  }
  const { tools, response_format: format, prediction } = body;
  if (Array.isArray(tools) && tools.length > 0) bytes += schemaBytes(tools, 'tools');
  if (isJsonObject(format) && format['type'] === 'json_schema') bytes += schemaBytes(format, 'response_format');
  if (isJsonObject(prediction)) bytes += jsonBytes(prediction, 'prediction');
  for (const name in prompt.extensions) {
    const value = prompt.extensions[name];
    if (value !== undefined) bytes += jsonBytes(value, name);
  }
  return bytes;
}

/** Dollars as a decimal string, never in exponent form. */
function decimalOf(usd: string | number): string {
  return typeof usd === 'string' ? usd : usd.toFixed(9).replace(/\.?0+$/, '');
}

function namedModels(request: ChatRequest): { model: string; modelFallbacks: readonly string[] } {
  const [first, ...rest] = [...(request.model ? [request.model] : []), ...(request.models ?? [])];
  if (!first) throw refuse('model', 'Name a model: "author/model".');
  return { model: first, modelFallbacks: [...new Set(rest)].filter((model) => model !== first) };
}

/** The body with the legacy `prompt` text as the one user message that it means. */
function withMessages(body: JsonObject): JsonObject {
  const { prompt, messages, ...rest } = body;
  if (typeof prompt !== 'string' || (messages !== undefined && messages !== null)) return body;
  return { ...rest, messages: [{ role: 'user', content: prompt }] };
}

function extensionsOf(body: JsonObject): Prompt['extensions'] {
  const extensions: Record<string, JsonValue | undefined> = {};
  for (const field in body) {
    if (isKnown(field) || !isForwarded(field) || field === '__proto__') continue;
    extensions[field] = body[field];
  }
  return extensions;
}

/**
 * Decodes the body of `POST /chat/completions`. `max_tokens` and `max_completion_tokens` are one cap (the lower wins).
 * Throws AppError('invalid_request') with one sentence and `metadata.path` of the first wrong field. The body must be
 * JSON (from JSON.parse); it is kept, not copied, as `source.body`.
 */
export function decodePrompt(value: unknown): Prompt {
  if (!isJsonObject(value)) throw refuse('', 'The body must be a JSON object.');
  const body = withMessages(value);
  const parsed = chatRequestSchema.safeParse(body);
  const [issue] = parsed.error?.issues ?? [];
  if (!parsed.success) throw issue ? invalidRequest(issue, body) : refuse('', 'The body is not valid.');
  const request = parsed.data;
  if (!request.messages) throw refuse('messages', 'messages must have at least one message.');
  const messages = request.messages.map((message, index) => decodeMessage(message, `messages[${index}]`));
  const caps = [request.max_tokens, request.max_completion_tokens].filter((cap) => typeof cap === 'number');
  const toolChoice = decodeToolChoice(request.tool_choice);
  const responseFormat = decodeResponseFormat(request.response_format);
  const reasoning = decodeReasoning(request);
  const extensions = extensionsOf(body);
  return {
    ...namedModels(request),
    messages,
    tools: (request.tools ?? []).map(decodeTool),
    ...(toolChoice ? { toolChoice } : {}),
    ...(typeof request.parallel_tool_calls === 'boolean' ? { hasParallelToolCalls: request.parallel_tool_calls } : {}),
    ...(caps.length > 0 ? { outputTokensMax: Math.min(...caps) } : {}),
    sampling: decodeSampling(request),
    ...(responseFormat ? { responseFormat } : {}),
    ...(reasoning ? { reasoning } : {}),
    choiceCount: request.n ?? 1,
    isStreamed: request.stream ?? false,
    ...(request.max_cost ? { maxCostUsd: decimalOf(request.max_cost) } : {}),
    preferences: request.provider ? decodePreferences(request.provider) : {},
    ...(request.user ? { endUser: request.user } : {}),
    ...(request.session_id ? { sessionId: request.session_id } : {}),
    parameters: sentParameters(request),
    inputBytes: weigh(request, { messages, extensions }, body),
    source: { wire: 'openai-chat', body },
    extensions,
  };
}

import {
  isJsonObject,
  type JsonObject,
  type Prompt,
  type ReasoningRequest,
  type ResponseFormat,
  type Sampling,
  type ToolChoice,
} from '@bourse/generation';
import { decodeMarket, extensionsOf, parseRequest, refuse, requireObject } from '../request/decode-market.ts';
import { parameterNames } from '../request/fields.ts';
import { jsonBytes, messageBytes, schemaBytes } from '../request/weigh.ts';
import { cacheHint, decodeMessage, decodeTool, messageExtras } from './decode-messages.ts';
import { withCurrentFields } from './legacy-fields.ts';
import { isPlainRequest } from './plain-request.ts';
import { type ChatRequest, chatRequestSchema } from './schema.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

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
  const summary = reasoning?.summary ?? undefined;
  return {
    ...(effort ? { effort } : {}),
    ...(tokensMax ? { tokensMax } : {}),
    ...(isExcluded === undefined ? {} : { isExcluded }),
    ...(summary ? { summary } : {}),
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

/** What an answer should be made of, besides how it is made. */
function decodeOutput(request: ChatRequest): Pick<Prompt, 'outputModalities' | 'audioOutput' | 'verbosity'> {
  const { modalities, audio, verbosity } = request;
  const voice = audio?.voice;
  return {
    ...(modalities && modalities.length > 0 ? { outputModalities: modalities } : {}),
    ...(audio && typeof voice === 'string' ? { audioOutput: { voice, format: audio.format } } : {}),
    ...(verbosity ? { verbosity } : {}),
  };
}

/**
 * Decodes the body of `POST /chat/completions`. `max_tokens` and `max_completion_tokens` are one cap (the lower wins).
 * Throws AppError('invalid_request') with one sentence and `metadata.path` of the first wrong field. The body must be
 * JSON (from JSON.parse); it is kept, not copied, as `source.body`.
 */
export function decodePrompt(value: unknown): Prompt {
  const body = withCurrentFields(requireObject(value));
  const request: ChatRequest = isPlainRequest(body) ? body : parseRequest(chatRequestSchema, body);
  if (!request.messages) throw refuse('messages', 'messages must have at least one message.');
  const messages = request.messages.map((message, index) => decodeMessage(message, `messages[${index}]`));
  const caps = [request.max_tokens, request.max_completion_tokens].filter((cap) => typeof cap === 'number');
  const toolChoice = decodeToolChoice(request.tool_choice);
  const responseFormat = decodeResponseFormat(request.response_format);
  const reasoning = decodeReasoning(request);
  const extensions = extensionsOf(body, 'openai-chat');
  return {
    ...decodeMarket(request),
    messages,
    tools: (request.tools ?? []).map(decodeTool),
    ...(toolChoice ? { toolChoice } : {}),
    ...(typeof request.parallel_tool_calls === 'boolean' ? { hasParallelToolCalls: request.parallel_tool_calls } : {}),
    ...(caps.length > 0 ? { outputTokensMax: Math.min(...caps) } : {}),
    sampling: decodeSampling(request),
    ...(responseFormat ? { responseFormat } : {}),
    ...(reasoning ? { reasoning } : {}),
    ...decodeOutput(request),
    ...cacheHint({ cache_control: request.cache_control }),
    ...(request.prompt_cache_key ? { promptCacheKey: request.prompt_cache_key } : {}),
    ...(request.service_tier ? { serviceTier: request.service_tier } : {}),
    choiceCount: request.n ?? 1,
    isStreamed: request.stream ?? false,
    parameters: sentParameters(request),
    inputBytes: weigh(request, { messages, extensions }, body),
    source: { wire: 'openai-chat', body },
    extensions,
  };
}

import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Prompt,
  type ReasoningRequest,
  type ResponseFormat,
  type Sampling,
  type ToolChoice,
  type ToolDefinition,
} from '@bourse/generation';
import { decodeMarket, extensionsOf, parseRequest, refuse, requireObject } from '../request/decode-market.ts';
import { jsonBytes, messageBytes, schemaBytes } from '../request/weigh.ts';
import { customParameters } from './custom-tools.ts';
import { type DecodedInput, decodeInput } from './decode-items.ts';
import { type ResponsesRequest, responsesRequestSchema } from './schema.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** What would need a memory of earlier answers, or a change of the prompt that we do not make, is refused and not ignored. */
function assertStateless(body: JsonObject, request: ResponsesRequest): void {
  for (const field of ['previous_response_id', 'conversation'] as const) {
    if (body[field] !== undefined && body[field] !== null) {
      throw refuse(field, `${field} is not supported: nothing is stored here. Send the whole conversation as input.`);
    }
  }
  if (request.store) throw refuse('store', 'store must be false: answers are not stored here.');
  if (request.background)
    throw refuse('background', 'background must be false: an answer is given on its own request.');
  if (body['prompt'] !== undefined && body['prompt'] !== null) {
    throw refuse('prompt', 'prompt is not supported: templates are not stored here. Send instructions and input.');
  }
  const { truncation } = request;
  if (truncation && truncation !== 'disabled') {
    throw refuse(
      'truncation',
      'truncation must be "disabled": a conversation that is too long is refused, not shortened.',
    );
  }
}

function asJson(value: Record<string, unknown>): JsonObject {
  return value as JsonObject; // validated seam: the members are JSON because the body was.
}

type RequestTool = NonNullable<ResponsesRequest['tools']>[number];

function textAt(object: object, key: string): string | null {
  const value: unknown = Reflect.get(object, key);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A tool of the hub; null for one that runs at the provider. */
function decodeTool(tool: RequestTool): ToolDefinition | null {
  const name = textAt(tool, 'name');
  if (name === null || (tool.type !== 'function' && tool.type !== 'custom')) return null;
  const description = textAt(tool, 'description');
  const described = description === null ? {} : { description };
  if (tool.type === 'custom') {
    const format: unknown = Reflect.get(tool, 'format');
    const grammar = isJsonObject(format) && format['type'] === 'grammar' ? textAt(format, 'definition') : null;
    return { name, ...described, parameters: customParameters(grammar) };
  }
  const parameters: unknown = Reflect.get(tool, 'parameters');
  const strict: unknown = Reflect.get(tool, 'strict');
  return {
    name,
    ...described,
    ...(isJsonObject(parameters) ? { parameters } : {}),
    // Unsaid, it is true here and false elsewhere; a schema that is not fit for it would be refused there, so it stays unsaid.
    ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
  };
}

/** A choice in the hub's words; undefined when there is none, or when only a provider of the dialect knows it (`isNative`). */
function decodeToolChoice(choice: ResponsesRequest['tool_choice']): { choice?: ToolChoice; isNative: boolean } {
  if (!choice) return { isNative: false };
  if (typeof choice === 'string') return { choice: { type: choice }, isNative: false };
  const isNamed = choice.type === 'function' || choice.type === 'custom';
  return isNamed && choice.name ? { choice: { type: 'tool', name: choice.name }, isNative: false } : { isNative: true };
}

function decodeResponseFormat(format: NonNullable<ResponsesRequest['text']>['format']): ResponseFormat | undefined {
  if (!format) return undefined;
  if (format.type !== 'json_schema') return { type: format.type };
  const { name, schema, description, strict } = format;
  return {
    type: 'json_schema',
    name,
    ...(schema ? { schema: asJson(schema) } : {}),
    ...(description ? { description } : {}),
    ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
  };
}

function decodeReasoning({ reasoning }: ResponsesRequest): ReasoningRequest | undefined {
  if (!reasoning) return undefined;
  const effort = reasoning.effort ?? (reasoning.enabled === false ? 'none' : undefined);
  const tokensMax = reasoning.max_tokens ?? undefined;
  if (effort && tokensMax) {
    throw refuse('reasoning', 'reasoning.effort and reasoning.max_tokens are alternatives: send one of them.');
  }
  const summary = reasoning.summary ?? reasoning.generate_summary ?? undefined;
  return {
    ...(effort ? { effort } : {}),
    ...(tokensMax ? { tokensMax } : {}),
    ...(typeof reasoning.exclude === 'boolean' ? { isExcluded: reasoning.exclude } : {}),
    ...(summary ? { summary } : {}),
  };
}

function decodeSampling(request: ResponsesRequest): Sampling {
  const sampling: Writable<Sampling> = {};
  const set = <Knob extends keyof Sampling>(knob: Knob, value: Sampling[Knob] | null | undefined) => {
    if (value !== null && value !== undefined) sampling[knob] = value;
  };
  set('temperature', request.temperature);
  set('topP', request.top_p);
  set('topK', request.top_k);
  set('frequencyPenalty', request.frequency_penalty);
  set('presencePenalty', request.presence_penalty);
  if (request.include?.includes('message.output_text.logprobs')) set('logprobs', true);
  if (request.top_logprobs) set('topLogprobs', request.top_logprobs);
  return sampling;
}

/** What was sent and means something, in OpenRouter's `supported_parameters` words. */
function sentParameters(request: ResponsesRequest, sampling: Sampling): string[] {
  const { text, tools, tool_choice: choice, parallel_tool_calls: parallel, max_output_tokens: cap } = request;
  const format = text?.format?.type;
  const sent: Readonly<Record<string, boolean>> = {
    temperature: sampling.temperature !== undefined,
    top_p: sampling.topP !== undefined,
    top_k: sampling.topK !== undefined,
    frequency_penalty: sampling.frequencyPenalty !== undefined,
    presence_penalty: sampling.presencePenalty !== undefined,
    max_tokens: typeof cap === 'number',
    logprobs: sampling.logprobs === true,
    top_logprobs: sampling.topLogprobs !== undefined,
    response_format: format !== undefined && format !== 'text',
    structured_outputs: format === 'json_schema',
    tools: (tools ?? []).length > 0,
    tool_choice: choice !== undefined && choice !== null,
    parallel_tool_calls: typeof parallel === 'boolean',
    reasoning: request.reasoning !== undefined && request.reasoning !== null,
    verbosity: Boolean(text?.verbosity),
  };
  return Object.keys(sent).filter((name) => sent[name]);
}

/** Everything that may reach the model counts, also what the hub does not carry: the hold must not be too small. */
function weigh({ messages, hasNativeItems }: DecodedInput, body: JsonObject, extensions: Prompt['extensions']): number {
  let bytes = 0;
  for (const message of messages) bytes += messageBytes(message);
  const { tools, text, input } = body;
  if (hasNativeItems && Array.isArray(input)) bytes += jsonBytes(input, 'input');
  if (Array.isArray(tools) && tools.length > 0) bytes += schemaBytes(tools, 'tools');
  if (isJsonObject(text) && isJsonObject(text['format'])) bytes += schemaBytes(text['format'], 'text.format');
  for (const name in extensions) {
    const value: JsonValue | undefined = extensions[name];
    if (value !== undefined) bytes += jsonBytes(value, name);
  }
  return bytes;
}

function decodeTools(request: ResponsesRequest, hasNativeItems: boolean) {
  const offered = request.tools ?? [];
  const tools = offered.flatMap((tool) => decodeTool(tool) ?? []);
  const { choice, isNative } = decodeToolChoice(request.tool_choice);
  const hasNativeTools = isNative || hasNativeItems || tools.length < offered.length;
  const isParallel = request.parallel_tool_calls;
  return {
    tools,
    ...(choice ? { toolChoice: choice } : {}),
    ...(typeof isParallel === 'boolean' ? { hasParallelToolCalls: isParallel } : {}),
    ...(hasNativeTools ? { hasNativeTools } : {}),
  };
}

/**
 * Decodes the body of `POST /responses`. Throws AppError('invalid_request') with one sentence and `metadata.path` of the first wrong field,
 * also for what would need memory (`store`, `previous_response_id`, `conversation`). The body must be JSON (from JSON.parse); it is kept,
 * not copied, as `source.body`.
 */
export function decodePrompt(value: unknown): Prompt {
  const body = requireObject(value);
  const request = parseRequest(responsesRequestSchema, body);
  assertStateless(body, request);
  const items = Array.isArray(body['input']) ? body['input'].filter(isJsonObject) : request.input;
  const input = decodeInput(typeof items === 'string' ? items : items.map(asJson), request.instructions ?? '', body);
  const responseFormat = decodeResponseFormat(request.text?.format);
  const reasoning = decodeReasoning(request);
  const sampling = decodeSampling(request);
  const extensions = extensionsOf(body, 'openai-responses');
  return {
    ...decodeMarket(request),
    messages: input.messages,
    ...decodeTools(request, input.hasNativeItems),
    ...(request.max_output_tokens ? { outputTokensMax: request.max_output_tokens } : {}),
    sampling,
    ...(responseFormat ? { responseFormat } : {}),
    ...(reasoning ? { reasoning } : {}),
    ...(request.modalities && request.modalities.length > 0 ? { outputModalities: request.modalities } : {}),
    ...(request.text?.verbosity ? { verbosity: request.text.verbosity } : {}),
    ...(request.prompt_cache_key ? { promptCacheKey: request.prompt_cache_key } : {}),
    ...(request.service_tier ? { serviceTier: request.service_tier } : {}),
    choiceCount: 1,
    isStreamed: request.stream ?? false,
    parameters: sentParameters(request, sampling),
    inputBytes: weigh(input, body, extensions),
    source: { wire: 'openai-responses', body },
    extensions,
  };
}

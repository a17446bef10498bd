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
import { decodeMarket, extensionsOf, parseRequest, refuse, requireObject } from '../request/decode-market.ts';
import { jsonBytes, messageBytes, schemaBytes } from '../request/weigh.ts';
import { wordTable } from '../word-table.ts';
import { cacheHint, decodeMessage, decodeSystem, decodeTools } from './decode-messages.ts';
import { type MessagesRequest, messagesRequestSchema } from './schema.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function decodeSampling(request: MessagesRequest): Sampling {
  const sampling: Writable<Sampling> = {};
  if (typeof request.temperature === 'number') sampling.temperature = request.temperature;
  if (typeof request.top_p === 'number') sampling.topP = request.top_p;
  if (typeof request.top_k === 'number') sampling.topK = request.top_k;
  if (request.stop_sequences && request.stop_sequences.length > 0) sampling.stop = request.stop_sequences;
  return sampling;
}

function decodeToolChoice(choice: MessagesRequest['tool_choice']): ToolChoice | undefined {
  if (!choice) return undefined;
  if (choice.type === 'tool') return { type: 'tool', name: choice.name };
  return { type: choice.type === 'any' ? 'required' : choice.type };
}

function decodeReasoning({ thinking, output_config: config }: MessagesRequest): ReasoningRequest | undefined {
  if (thinking?.type === 'disabled') return { effort: 'none' };
  if (thinking?.type === 'enabled') return { tokensMax: thinking.budget_tokens };
  if (config?.effort) return { effort: config.effort };
  return thinking ? {} : undefined;
}

function decodeResponseFormat({ output_config: config }: MessagesRequest): ResponseFormat | undefined {
  if (!config?.format) return undefined;
  const schema = config.format.schema as JsonObject; // validated seam: the body was JSON.
  return { type: 'json_schema', name: 'answer', schema, isStrict: true };
}

/** The parameters that were sent, in the words of OpenRouter's `supported_parameters`. */
function sentParameters(request: MessagesRequest): string[] {
  const { tool_choice: choice, thinking, output_config: config } = request;
  const isReasoning = (thinking && thinking.type !== 'disabled') || config?.effort;
  const sent: Readonly<Record<string, unknown>> = {
    temperature: request.temperature,
    top_p: request.top_p,
    top_k: request.top_k,
    max_tokens: request.max_tokens,
    stop: request.stop_sequences?.length ? request.stop_sequences : undefined,
    tools: request.tools?.length ? request.tools : undefined,
    tool_choice: choice,
    parallel_tool_calls: choice?.disable_parallel_tool_use,
    reasoning: isReasoning || undefined,
    response_format: config?.format,
    structured_outputs: config?.format,
  };
  return Object.keys(sent).filter((name) => sent[name] !== undefined && sent[name] !== null);
}

/** What the hub carries of each kind of block, and so weighs; everything else of a block is weighed as JSON. */
const CARRIED: ReadonlyMap<string, ReadonlySet<string>> = wordTable({
  text: new Set(['text']),
  image: new Set(['source']),
  document: new Set(['source', 'title']),
  search_result: new Set(['source', 'title', 'content']),
  tool_use: new Set(['id', 'name', 'input']),
  tool_result: new Set(['tool_use_id', 'content', 'is_error']),
  thinking: new Set(['thinking', 'signature']),
  redacted_thinking: new Set(['data']),
});

/** Bytes of what blocks hold and the hub does not. */
function unseenBytes(content: JsonValue | undefined, path: string): number {
  let bytes = 0;
  for (const block of Array.isArray(content) ? content : []) {
    if (!isJsonObject(block)) continue;
    const carried = typeof block['type'] === 'string' ? CARRIED.get(block['type']) : undefined;
    for (const key in block) {
      const value = block[key];
      if (key === 'type' || key === 'cache_control' || value === undefined || value === null) continue;
      if (carried?.has(key) !== true) bytes += jsonBytes(value, path);
    }
    if (block['type'] === 'tool_result') bytes += unseenBytes(block['content'], path);
  }
  return bytes;
}

/** Everything that may reach the model counts, also what the hub does not carry: the hold must not be too small. */
function weigh(body: JsonObject, { messages, extensions }: Pick<Prompt, 'messages' | 'extensions'>): number {
  let bytes = 0;
  for (const message of messages) bytes += messageBytes(message);
  const { messages: raw, tools, output_config: config } = body;
  for (const [index, message] of (Array.isArray(raw) ? raw : []).entries()) {
    if (isJsonObject(message)) bytes += unseenBytes(message['content'], `messages[${index}]`);
  }
  if (Array.isArray(tools) && tools.length > 0) bytes += schemaBytes(tools, 'tools');
  if (isJsonObject(config) && isJsonObject(config['format'])) bytes += schemaBytes(config, 'output_config');
  for (const name in extensions) {
    const value = extensions[name];
    if (value !== undefined) bytes += jsonBytes(value, name);
  }
  return bytes;
}

/** Tools that only Anthropic defines and mostly runs, and blocks of a user's that only its models read. Traces in an answer are no reason. */
function isNative({ tools, messages }: MessagesRequest, body: JsonObject): boolean {
  if (tools?.some((tool) => tool.type === 'provider')) return true;
  if (Array.isArray(body['mcp_servers']) && body['mcp_servers'].length > 0) return true;
  return messages.some(
    ({ role, content }) =>
      role === 'user' && typeof content !== 'string' && content.some(({ type }) => type === 'other'),
  );
}

/** Models to fall back to: under OpenRouter's name for them or under Anthropic's, not both. */
function fallbackModels({ models, fallbacks }: MessagesRequest): readonly string[] | undefined {
  if (models && fallbacks) throw refuse('fallbacks', 'fallbacks and models are alternatives: send one of them.');
  return models ?? fallbacks?.map(({ model }) => model);
}

/** What would be billed at prices that the catalog does not have cannot be sold. */
function assertPriced(body: JsonObject): void {
  const { inference_geo: region } = body;
  if (region !== undefined && region !== null && region !== 'global') {
    throw refuse('inference_geo', 'inference_geo is not supported: the catalog has no prices for regions.');
  }
}

/** The market's tiers, and Anthropic's `speed` for the faster one. Anthropic's own words (`auto`, `standard_only`) are left to it. */
function tierOf({ service_tier: tier }: MessagesRequest, { speed }: JsonObject): Pick<Prompt, 'serviceTier'> {
  if (speed === 'fast' || tier === 'priority' || tier === 'fast') return { serviceTier: 'priority' };
  return tier === 'flex' ? { serviceTier: 'flex' } : {};
}

/**
 * Decodes the body of `POST /messages`. Throws AppError('invalid_request') with one sentence and `metadata.path` of the first wrong field.
 * The body must be JSON (from JSON.parse); it is kept, not copied, as `source.body`.
 */
export function decodePrompt(value: unknown): Prompt {
  const body = requireObject(value);
  const request = parseRequest(messagesRequestSchema, body);
  assertPriced(body);
  const messages = [...decodeSystem(request.system), ...request.messages.flatMap(decodeMessage)];
  const toolChoice = decodeToolChoice(request.tool_choice);
  const responseFormat = decodeResponseFormat(request);
  const reasoning = decodeReasoning(request);
  const isSerial = request.tool_choice?.disable_parallel_tool_use;
  const extensions = extensionsOf(body, 'anthropic-messages');
  const models = fallbackModels(request);
  return {
    ...decodeMarket({
      ...request,
      models: models ? [...models] : undefined,
      user: request.user ?? request.metadata?.user_id,
    }),
    messages,
    tools: decodeTools(request.tools),
    ...(isNative(request, body) ? { hasNativeTools: true } : {}),
    ...(toolChoice ? { toolChoice } : {}),
    ...(typeof isSerial === 'boolean' ? { hasParallelToolCalls: !isSerial } : {}),
    ...(request.max_tokens ? { outputTokensMax: request.max_tokens } : {}),
    sampling: decodeSampling(request),
    ...(responseFormat ? { responseFormat } : {}),
    ...(reasoning ? { reasoning } : {}),
    ...tierOf(request, body),
    ...cacheHint({ cache_control: request.cache_control }),
    choiceCount: 1,
    isStreamed: request.stream ?? false,
    parameters: sentParameters(request),
    inputBytes: weigh(body, { messages, extensions }),
    source: { wire: 'anthropic-messages', body },
    extensions,
  };
}

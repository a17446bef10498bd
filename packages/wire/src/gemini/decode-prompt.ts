import type {
  JsonObject,
  OutputModality,
  Prompt,
  ReasoningRequest,
  ResponseFormat,
  Sampling,
  ToolChoice,
  ToolDefinition,
} from '@bourse/generation';
import { decodeMarket, extensionsOf, parseRequest, refuse, requireObject } from '../request/decode-market.ts';
import { jsonBytes, messageBytes, schemaBytes } from '../request/weigh.ts';
import { withCamelFields } from './camel-fields.ts';
import { decodeContents } from './decode-contents.ts';
import { fromOpenApi } from './from-openapi.ts';
import { type GeminiConfig, type GeminiRequest, geminiRequestSchema } from './schema.ts';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

function asJson(value: Record<string, unknown>): JsonObject {
  return value as JsonObject; // validated seam: the members are JSON because the body was.
}

/** Tools that Google runs itself are refused: their fees are not in the prices that a request is held and charged by. */
function assertFunctionsOnly(request: GeminiRequest): void {
  for (const [index, tool] of (request.tools ?? []).entries()) {
    const other = Object.keys(tool).find((key) => key !== 'functionDeclarations');
    const path = `tools[${index}].${other}`;
    if (other !== undefined) throw refuse(path, `${path} is not supported: only functionDeclarations are.`);
  }
}

function decodeTools(request: GeminiRequest): ToolDefinition[] {
  const declared = (request.tools ?? []).flatMap((tool) => tool.functionDeclarations ?? []);
  return declared.map(({ name, description, parameters, parametersJsonSchema: plain }) => ({
    name,
    ...(description ? { description } : {}),
    ...(plain ? { parameters: asJson(plain) } : parameters ? { parameters: fromOpenApi(asJson(parameters)) } : {}),
  }));
}

interface ToolFields {
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
}

/** A choice among several functions is said by leaving the others out, because other dialects have no word for it. */
function decodeToolChoice(request: GeminiRequest): ToolFields {
  const tools = decodeTools(request);
  const config = request.toolConfig?.functionCallingConfig;
  const allowed = config?.allowedFunctionNames ?? [];
  switch (config?.mode) {
    case 'NONE':
      return { tools, toolChoice: { type: 'none' } };
    case 'AUTO':
    case 'VALIDATED':
      return { tools, toolChoice: { type: 'auto' } };
    case 'ANY': {
      const [only, ...others] = allowed;
      if (only !== undefined && others.length === 0) return { tools, toolChoice: { type: 'tool', name: only } };
      const kept = only === undefined ? tools : tools.filter(({ name }) => allowed.includes(name));
      return { tools: kept, toolChoice: { type: 'required' } };
    }
    case 'MODE_UNSPECIFIED':
    case null:
    case undefined:
      return { tools };
  }
}

function decodeSampling(config: GeminiConfig): Sampling {
  const sampling: Writable<Sampling> = {};
  const set = <Knob extends keyof Sampling>(knob: Knob, value: Sampling[Knob] | null | undefined) => {
    if (value !== null && value !== undefined) sampling[knob] = value;
  };
  set('temperature', config.temperature);
  set('topP', config.topP);
  set('topK', typeof config.topK === 'number' ? Math.trunc(config.topK) : undefined);
  set('frequencyPenalty', config.frequencyPenalty);
  set('presencePenalty', config.presencePenalty);
  set('seed', config.seed);
  set('stop', config.stopSequences && config.stopSequences.length > 0 ? config.stopSequences : undefined);
  set('logprobs', config.responseLogprobs);
  set('topLogprobs', config.responseLogprobs ? config.logprobs : undefined);
  return sampling;
}

function decodeResponseFormat(config: GeminiConfig): ResponseFormat | undefined {
  if (config.responseMimeType !== 'application/json') return undefined;
  const { responseJsonSchema: plain, responseSchema: openApi } = config;
  if (plain) return { type: 'json_schema', name: 'response', schema: asJson(plain) };
  return openApi
    ? { type: 'json_schema', name: 'response', schema: fromOpenApi(asJson(openApi)) }
    : { type: 'json_object' };
}

const EFFORTS = ['minimal', 'low', 'medium', 'high'] as const;

/** Whether thoughts are shown is the encoder's to decide: a model thinks no less when they are not. */
function decodeReasoning({ thinkingConfig: config }: GeminiConfig): ReasoningRequest | undefined {
  if (!config) return undefined;
  const { thinkingBudget: budget, thinkingLevel: level } = config;
  const effort = EFFORTS.find((known) => known === level?.toLowerCase());
  if (effort !== undefined) return { effort };
  if (budget === 0) return { effort: 'none' };
  return typeof budget === 'number' && budget > 0 ? { tokensMax: budget } : {};
}

function decodeOutput(config: GeminiConfig): Pick<Prompt, 'outputModalities' | 'audioOutput'> {
  const wanted = (config.responseModalities ?? []).map((modality) => modality.toLowerCase());
  const modalities = (['text', 'image', 'audio'] satisfies OutputModality[]).filter((known) => wanted.includes(known));
  const voice = config.speechConfig?.voiceConfig?.prebuiltVoiceConfig?.voiceName;
  return {
    ...(modalities.length > 0 ? { outputModalities: modalities } : {}),
    ...(voice ? { audioOutput: { voice, format: 'pcm16' } } : {}),
  };
}

/** The names of what was sent, in OpenRouter's vocabulary. */
function sentParameters(config: GeminiConfig, prompt: Pick<Prompt, 'tools' | 'toolChoice' | 'sampling'>): string[] {
  const { sampling } = prompt;
  const isJson = config.responseMimeType === 'application/json';
  const sent: readonly (readonly [string, boolean])[] = [
    ['temperature', sampling.temperature !== undefined],
    ['top_p', sampling.topP !== undefined],
    ['top_k', sampling.topK !== undefined],
    ['frequency_penalty', sampling.frequencyPenalty !== undefined],
    ['presence_penalty', sampling.presencePenalty !== undefined],
    ['max_tokens', typeof config.maxOutputTokens === 'number'],
    ['logprobs', sampling.logprobs !== undefined],
    ['top_logprobs', sampling.topLogprobs !== undefined],
    ['seed', sampling.seed !== undefined],
    ['response_format', isJson],
    ['structured_outputs', isJson && Boolean(config.responseJsonSchema ?? config.responseSchema)],
    ['stop', sampling.stop !== undefined],
    ['tools', prompt.tools.length > 0],
    ['tool_choice', prompt.toolChoice !== undefined],
    ['reasoning', Boolean(config.thinkingConfig)],
  ];
  return sent.filter(([, isSent]) => isSent).map(([name]) => name);
}

/** What the hub does not carry of a part may reach the model all the same. */
const CARRIED: ReadonlySet<string> = new Set(['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse']);

function weigh(request: GeminiRequest, prompt: Pick<Prompt, 'messages' | 'extensions'>, body: JsonObject): number {
  let bytes = 0;
  for (const message of prompt.messages) bytes += messageBytes(message);
  for (const [index, { parts }] of request.contents.entries()) {
    for (const part of parts ?? []) {
      const extras = Object.entries(asJson(part)).filter(([key, value]) => !CARRIED.has(key) && value !== undefined);
      for (const [, value] of extras) bytes += value === undefined ? 0 : jsonBytes(value, `contents[${index}]`);
    }
  }
  const { tools } = body;
  if (Array.isArray(tools) && tools.length > 0) bytes += schemaBytes(tools, 'tools');
  const { responseJsonSchema, responseSchema } = request.generationConfig ?? {};
  const schema = responseJsonSchema ?? responseSchema;
  if (schema) bytes += schemaBytes(asJson(schema), 'generationConfig');
  for (const name in prompt.extensions) {
    const value = prompt.extensions[name];
    if (value !== undefined) bytes += jsonBytes(value, name);
  }
  return bytes;
}

/**
 * Decodes the body of `generateContent` or `streamGenerateContent`, into which its route has put `model` and `stream`. Names in snake case
 * are taken as well. Throws AppError('invalid_request') with one sentence and `metadata.path` of the first wrong field. `cachedContent` is
 * refused: what is cached belongs to a Google account that is not the client's, and its size is not known.
 */
export function decodePrompt(value: unknown): Prompt {
  const body = withCamelFields(requireObject(value));
  const request = parseRequest(geminiRequestSchema, body);
  if ((body['cachedContent'] ?? null) !== null)
    throw refuse('cachedContent', 'cachedContent is not supported: send the content itself.');
  assertFunctionsOnly(request);
  const config = request.generationConfig ?? {};
  const messages = decodeContents(request.contents, request.systemInstruction);
  const toolFields = decodeToolChoice(request);
  const sampling = decodeSampling(config);
  const responseFormat = decodeResponseFormat(config);
  const reasoning = decodeReasoning(config);
  const extensions = extensionsOf(body, 'gemini');
  return {
    ...decodeMarket(request),
    ...(request.service_tier ? { serviceTier: request.service_tier } : {}),
    messages,
    ...toolFields,
    ...(typeof config.maxOutputTokens === 'number' ? { outputTokensMax: config.maxOutputTokens } : {}),
    sampling,
    ...(responseFormat ? { responseFormat } : {}),
    ...(reasoning ? { reasoning } : {}),
    ...decodeOutput(config),
    choiceCount: config.candidateCount ?? 1,
    isStreamed: request.stream ?? false,
    parameters: sentParameters(config, { ...toolFields, sampling }),
    inputBytes: weigh(request, { messages, extensions }, body),
    source: { wire: 'gemini', body },
    extensions,
  };
}

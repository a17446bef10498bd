import type { Citation, FileAnnotation } from './generation-event.ts';
import type { JsonObject, JsonValue } from './json.ts';
import type { ReasoningDetail } from './reasoning.ts';
import type { UnitMeter } from './usage.ts';

/** The dialects that we speak, to clients or to providers or to both. */
export type WireFormatId =
  | 'openai-chat'
  | 'openai-completions'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'
  | 'bedrock-converse'
  | 'openai-embeddings'
  | 'cohere-rerank'
  | 'openai-images'
  | 'openai-speech'
  | 'openai-transcriptions';

/** Up to here a prompt is worth keeping in a provider's cache. Providers that cache by themselves ignore it. */
export interface CacheHint {
  /** Five minutes when absent. */
  readonly ttl?: '5m' | '1h';
}

interface Cacheable {
  readonly cache?: CacheHint;
}

/** A piece of a message. Images, videos and files are an https URL or a data URL; sound is base64. */
export type ContentPart =
  | (Cacheable & { readonly type: 'text'; readonly text: string; readonly signature?: string })
  | (Cacheable & { readonly type: 'image'; readonly url: string; readonly detail?: string })
  | (Cacheable & { readonly type: 'audio'; readonly base64: string; readonly format: string })
  | (Cacheable & { readonly type: 'video'; readonly url: string })
  | (Cacheable & { readonly type: 'file'; readonly filename?: string; readonly fileData: string });

/** A finished call of a tool by the model. `argumentsText` is JSON as the model wrote it, valid or not. */
export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  readonly argumentsText: string;
  /** Gemini's signature of the thought behind the call; it must go back with it. */
  readonly signature?: string;
}

/** One turn. `system` also stands for OpenAI's `developer` (kept in `role`). */
export type Message =
  | { readonly role: 'system' | 'developer'; readonly content: readonly ContentPart[]; readonly name?: string }
  | { readonly role: 'user'; readonly content: readonly ContentPart[]; readonly name?: string }
  | {
      readonly role: 'assistant';
      readonly content: readonly ContentPart[];
      readonly toolCalls: readonly ToolCall[];
      /** In the order of their making; empty where none is replayed. */
      readonly reasoning: readonly ReasoningDetail[];
      readonly refusal?: string;
      readonly name?: string;
    }
  | {
      readonly role: 'tool';
      readonly callId: string;
      readonly content: readonly ContentPart[];
      /** The tool failed. Never guessed: only where the client's dialect says so. */
      readonly isError?: boolean;
    };

/** A function that the model may call. `parameters` is JSON Schema, passed on as it is. */
export interface ToolDefinition extends Cacheable {
  readonly name: string;
  readonly description?: string;
  readonly parameters?: JsonObject;
  readonly isStrict?: boolean;
}

/** Which tool the model must, may or may not call. */
export type ToolChoice =
  | { readonly type: 'auto' | 'none' | 'required' }
  | { readonly type: 'tool'; readonly name: string };

/** The form of the answer. */
export type ResponseFormat =
  | { readonly type: 'text' | 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly schema?: JsonObject;
      readonly description?: string;
      readonly isStrict?: boolean;
    };

/** How much the model should think. `effort` and `tokensMax` are alternatives; neither is "as the model does by default, but think". */
export interface ReasoningRequest {
  readonly effort?: 'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none';
  readonly tokensMax?: number;
  /** The reasoning is not shown to the client; it is paid all the same. */
  readonly isExcluded?: boolean;
  readonly summary?: 'auto' | 'concise' | 'detailed';
}

/** What an answer may be made of: text, pictures and sound beside one another, or one of the others alone. */
export type OutputModality = 'text' | 'image' | 'audio' | 'embeddings' | 'rerank' | 'speech' | 'transcription';

/** Sampling knobs that several providers share. An absent knob stays absent upstream: no defaults are injected. */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly topA?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly repetitionPenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  readonly logitBias?: Readonly<Record<string, number>>;
  readonly logprobs?: boolean;
  readonly topLogprobs?: number;
}

/** What `provider.sort` may order by. */
export type SortKey = 'price' | 'throughput' | 'latency' | 'exacto';

/** Bounds on percentiles of a measure; a bare number in a request is a bound on the median. */
export type PercentileBounds = Readonly<Partial<Record<'p50' | 'p75' | 'p90' | 'p99', number>>>;

/** OpenRouter's `provider` object, after validation. Names are provider slugs or endpoint tags. */
export interface ProviderPreferences {
  readonly order?: readonly string[];
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  readonly allowFallbacks?: boolean;
  readonly requireParameters?: boolean;
  readonly dataCollection?: 'allow' | 'deny';
  readonly zdr?: boolean;
  /** Only models whose author permits training others on their answers. */
  readonly isDistillableOnly?: boolean;
  /** Where the prompt may be read: `eu`, or ISO 3166 alpha-2 in capitals. */
  readonly regions?: readonly string[];
  readonly quantizations?: readonly string[];
  readonly sort?: SortKey;
  /** `none` ranks the endpoints of all requested models together; absent is `model`. */
  readonly partition?: 'model' | 'none';
  /** Dollars per million tokens (prompt, completion) or per unit, as decimal strings. */
  readonly maxPrice?: Readonly<Partial<Record<'prompt' | 'completion' | 'request' | 'image' | 'audio', string>>>;
  /** Tokens per second; an endpoint that is slower at any of them goes behind those that are not. */
  readonly throughputMin?: PercentileBounds;
  /** Seconds to the first token; an endpoint that is slower at any of them goes behind those that are not. */
  readonly latencyMax?: PercentileBounds;
}

/** A plugin that a request switches on or off, with its own options as they came. */
export interface PluginRequest {
  readonly id: string;
  /** False switches off what would run by default. */
  readonly isEnabled: boolean;
  readonly options: JsonObject;
}

/** What one plugin did, for the customer to read: OpenRouter's entry of a `pipeline`. */
export interface PipelineStep {
  readonly type: 'plugin' | 'response_healing' | 'context_compression';
  /** The plugin's id. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** What a plugin costs beside the answer: a line of the receipt, owed when the answer is. */
export interface Surcharge {
  readonly meter: 'plugin_web';
  readonly quantity: number;
  /** Each, without markup. */
  readonly pricePicodollars: bigint;
}

/** A search that is still to be made: it costs money, which is set aside first. */
export interface SearchWish {
  readonly query: string;
  readonly resultsMax: number;
  /** What the model is told of the results; null for our own words. */
  readonly instruction: string | null;
  readonly includeDomains: readonly string[];
  readonly excludeDomains: readonly string[];
}

/** What plugins made of a request, and what they want of its answer. */
export interface Plugged {
  /** In the order of their doing; what is done to the answer is added when there is one. */
  readonly pipeline: PipelineStep[];
  /** Told with the answer. */
  readonly citations: readonly Citation[];
  readonly files: readonly FileAnnotation[];
  /** What becomes of each text of a whole answer; null where texts stay as they are. Never throws. */
  readonly rewrite: ((text: string) => string) | null;
  readonly surcharges: readonly Surcharge[];
  readonly search: SearchWish | null;
}

/** What is asked for where it is not a conversation. */
export type Operation = 'embeddings' | 'rerank' | 'images' | 'speech' | 'transcription';

/** A file that came with a request, beside its fields. */
export interface Upload {
  readonly name: string;
  /** The media type, as far as the client knows. */
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The decoded, canonical request. */
export interface Prompt {
  /** Absent for a conversation. Such a prompt has no messages: its body goes to the provider as it is. */
  readonly operation?: Operation;
  /** Of an operation: the most that each of its units can come to. */
  readonly units?: Readonly<Partial<Record<UnitMeter, number>>>;
  /** Our own count of the units, for where the provider gives none, and how we counted. Never more than `units`. */
  readonly ownCount?: {
    readonly units: Readonly<Partial<Record<UnitMeter, number>>>;
    readonly method: string;
  };
  /** The file that a transcription is made of. */
  readonly upload?: Upload;
  /** What the customer named: `author/slug[:variant]`. */
  readonly model: string;
  /** Models to fall back to, in order. */
  readonly modelFallbacks: readonly string[];
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  readonly hasParallelToolCalls?: boolean;
  /** It offers tools that run at the provider, or has their traces: only an endpoint of the client's own dialect can read it. */
  readonly hasNativeTools?: boolean;
  readonly outputTokensMax?: number;
  readonly sampling: Sampling;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: ReasoningRequest;
  /** Text alone when absent. */
  readonly outputModalities?: readonly OutputModality[];
  /** How the answer should sound. */
  readonly audioOutput?: { readonly voice: string; readonly format: string };
  readonly verbosity?: 'low' | 'medium' | 'high' | 'xhigh' | 'max';
  /** The whole prompt is worth caching, wherever the provider sees fit to mark it. */
  readonly cache?: CacheHint;
  readonly promptCacheKey?: string;
  readonly serviceTier?: string;
  /** Alternatives asked for (`n`), 1 by default. */
  readonly choiceCount: number;
  readonly isStreamed: boolean;
  readonly preferences: ProviderPreferences;
  /** As they were asked for, one per id; `:online` behind a model's name asks for `web`. Absent for none. */
  readonly plugins?: readonly PluginRequest[];
  /** What plugins made of the request, and what they want of the answer; absent where none did anything. */
  readonly plugged?: Plugged;
  /** The most that the customer will pay for this request, in dollars: a decimal string above zero with at most 9 decimals. */
  readonly maxCostUsd?: string;
  /** The end user's stable id as the customer sent it. */
  readonly endUser?: string;
  readonly sessionId?: string;
  /** The names of the parameters that were sent, in OpenRouter's `supported_parameters` vocabulary, for routing. */
  readonly parameters: readonly string[];
  /** Bytes of text and media that the model will read: the strict upper bound of input tokens (a token is >= 1 byte). */
  readonly inputBytes: number;
  /** The client's own format and body, so that an endpoint that speaks the same format gets unknown fields as they came. */
  readonly source: { readonly wire: WireFormatId; readonly body: JsonObject };
  /** Fields of the source body that we know nothing about; forwarded only within the same format. */
  readonly extensions: Readonly<Record<string, JsonValue | undefined>>;
}

import type { JsonObject, JsonValue } from './json.ts';

/** The dialects that we speak, to clients and to providers. */
export type WireFormatId = 'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'gemini';

/** A piece of a message. `file` and media carry either a URL or base64 with a media type. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly url: string; readonly detail?: string }
  | { readonly type: 'audio'; readonly base64: string; readonly format: string }
  | { readonly type: 'file'; readonly filename?: string; readonly fileData: string };

/** A finished call of a tool by the model. `argumentsText` is JSON as the model wrote it, valid or not. */
export interface ToolCall {
  readonly callId: string;
  readonly name: string;
  readonly argumentsText: string;
}

/** One turn. `system` also stands for OpenAI's `developer` (kept in `role`). */
export type Message =
  | { readonly role: 'system' | 'developer'; readonly content: readonly ContentPart[]; readonly name?: string }
  | { readonly role: 'user'; readonly content: readonly ContentPart[]; readonly name?: string }
  | {
      readonly role: 'assistant';
      readonly content: readonly ContentPart[];
      readonly toolCalls: readonly ToolCall[];
      readonly reasoning?: string;
      readonly refusal?: string;
      readonly name?: string;
    }
  | { readonly role: 'tool'; readonly callId: string; readonly content: readonly ContentPart[] };

/** A function that the model may call. `parameters` is JSON Schema, passed on as it is. */
export interface ToolDefinition {
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

/** How much the model should think. `effort` and `tokensMax` are alternatives. */
export interface ReasoningRequest {
  readonly effort?: 'max' | 'xhigh' | 'high' | 'medium' | 'low' | 'minimal' | 'none';
  readonly tokensMax?: number;
  readonly isExcluded?: boolean;
}

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

/** OpenRouter's `provider` object, after validation. Names are provider slugs or endpoint tags. */
export interface ProviderPreferences {
  readonly order?: readonly string[];
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  readonly allowFallbacks?: boolean;
  readonly requireParameters?: boolean;
  readonly dataCollection?: 'allow' | 'deny';
  readonly zdr?: boolean;
  readonly quantizations?: readonly string[];
  readonly sort?: 'price' | 'throughput' | 'latency' | 'exacto';
  /** Dollars per million tokens (prompt, completion) or per unit, as decimal strings. */
  readonly maxPrice?: Readonly<Partial<Record<'prompt' | 'completion' | 'request' | 'image' | 'audio', string>>>;
}

/** The decoded, canonical request. */
export interface Prompt {
  /** What the customer named: `author/slug[:variant]`. */
  readonly model: string;
  /** Models to fall back to, in order. */
  readonly modelFallbacks: readonly string[];
  readonly messages: readonly Message[];
  readonly tools: readonly ToolDefinition[];
  readonly toolChoice?: ToolChoice;
  readonly hasParallelToolCalls?: boolean;
  readonly outputTokensMax?: number;
  readonly sampling: Sampling;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: ReasoningRequest;
  /** Alternatives asked for (`n`), 1 by default. */
  readonly choiceCount: number;
  readonly isStreamed: boolean;
  readonly preferences: ProviderPreferences;
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

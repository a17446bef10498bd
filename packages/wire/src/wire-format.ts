import type { AppError } from '@bourse/errors';
import type {
  Finish,
  FoldedGeneration,
  GenerationEvent,
  JsonObject,
  Prompt,
  Upload,
  Usage,
  WireFormatId,
} from '@bourse/generation';
import type { ConversationForm } from './conversation/conversation-form.ts';
import type { ProviderFailure } from './provider-failure.ts';
import type { SseEvent, SseParser, SseSkim } from './sse.ts';

/** What the encoder writes at the top of an answer. */
export interface ResponseHead {
  /** Our generation id. */
  readonly id: string;
  /** The model slug that served. */
  readonly model: string;
  /** The display name of the provider that served. */
  readonly provider: string;
  readonly createdUnixSeconds: number;
}

/** What an answer needs to know: its head, and the prompt that it answers. */
export interface AnswerContext {
  readonly head: ResponseHead;
  readonly prompt: Prompt;
  /** It was answered before and costs nothing now: what was counted then is not told again. */
  readonly isReplay?: boolean;
}

/** Where a prompt goes. */
export interface CallTarget {
  /** The model's name at the provider. */
  readonly upstreamModel: string;
  readonly isStreamed: boolean;
  /** The output cap that we could afford; null = as asked. */
  readonly outputTokensMax: number | null;
  /** The most that the endpoint can write, for dialects in which a cap must be named; null when unknown. */
  readonly endpointOutputTokensMax: number | null;
}

/** The money and flags that the usage block of an answer carries. `cost` is an exact decimal dollar string. */
export interface UsageReport {
  readonly usage: Usage;
  readonly costUsd: string;
  /** What the provider charges us, for transparency; null when unknown. */
  readonly upstreamCostUsd: string | null;
  /** What of it the prompt costs, and what the answer; each rounded up to a nanodollar. Absent when unknown. */
  readonly upstreamCostParts?: { readonly inputUsd: string; readonly outputUsd: string };
  readonly isEstimated: boolean;
}

/**
 * What a piece of an answer told us as it passed. The text is for estimates when a provider reports no usage. `error` is a failure under
 * HTTP 200 or in the stream.
 */
export interface AnswerFacts {
  readonly usage: Usage | null;
  /** Counts came that cannot be read as any: negative, fractional, parts larger than their whole. `usage` is null then. */
  readonly isUsageUnreadable: boolean;
  readonly finish: Finish | null;
  readonly upstreamId: string | null;
  /** Text, reasoning and tool arguments in this piece. */
  readonly outputText: string;
  /** Something of the answer is in it: text, a call, a picture, sound. */
  readonly hasOutput: boolean;
  /** What we counted in the answer itself, where its provider may count nothing: pictures. */
  readonly counted?: Usage;
  /** Pieces of calls of the client's tools; absent where there is none. */
  readonly toolCalls?: readonly ToolCallPiece[];
  readonly error: ProviderFailure | null;
}

/** A piece of one tool call: pieces of one key belong to one call of an answer, in their order. */
export interface ToolCallPiece {
  readonly key: string;
  /** Null in all pieces but the one that says it. */
  readonly name: string | null;
  readonly argumentsText: string;
}

/** A piece of a stream on its way to the client: whole frames ('' when the client gets nothing for it), and what it told us. */
export interface LaneEvent {
  readonly text: string;
  readonly facts: AnswerFacts;
  /** The provider's own end mark: nothing after it is part of the answer. */
  readonly isEnd: boolean;
}

/**
 * The way of one stream from a provider's dialect to its client's. Stateful. Never throws for what a provider sends; what cannot be
 * understood is in `facts.error`, and the caller ends the stream with `fail`.
 */
export interface Lane {
  event(event: SseEvent): LaneEvent;
  /** The provider's bytes are over. What it leaves open is closed only where the dialect allows an answer to end like that. */
  end(): LaneEvent;
  /**
   * A shortcut: events in a stream's text from a place on where one begins, that need no parsing because others like them passed before;
   * one lane event stands for all of them, and `end` is where the next thing begins. Null: there is none, use `event`.
   */
  ahead?(stream: string, from: number): { readonly event: LaneEvent; readonly end: number } | null;
  /** The last frames of an answer that is whole: what was held back for the money, usage, end marks. */
  finish(report: UsageReport): string;
  /** The last frames of an answer that broke off. Nothing may follow them. */
  fail(error: AppError): string;
}

/** A whole answer that waits for the money before it goes to the client. */
export interface AnswerBody<Body extends string | Uint8Array = string> {
  readonly facts: AnswerFacts;
  /** JSON when absent. */
  readonly contentType?: string;
  /** The client's body: JSON, or bytes that are no text, such as sound. */
  render(report: UsageReport): Body;
}

/** What became of a piece of a provider's stream, or of a whole body, in the words of the hub. */
export interface Decoded {
  readonly events: readonly GenerationEvent[];
  /** A failure that the provider reports, or that its nonsense amounts to. */
  readonly failure: ProviderFailure | null;
  readonly isEnd: boolean;
}

/** Reads one stream of a provider. */
export interface EventDecoder {
  push(event: SseEvent): Decoded;
  /** The bytes are over: choices that the dialect allows to end unsaid get their finish, all others do not. */
  end(): Decoded;
}

/** Writes one stream for a client, as whole frames. */
export interface EventEncoder {
  push(events: readonly GenerationEvent[]): string;
  /** Closes what is open, and says usage and cost. */
  finish(report: UsageReport): string;
  /** Ends the answer with an error, whatever was written before, also when nothing was. */
  fail(error: AppError): string;
}

/** A dialect as clients speak it to us. */
export interface ServedFormat {
  readonly id: WireFormatId;
  /** A frame that every client of this dialect ignores, to keep a silent connection open. */
  readonly keepAlive: string;
  /** The member of an event that holds the answer, in dialects whose last event has the whole of it. */
  readonly wrapper?: string;
  /** Throws AppError('invalid_request') with `metadata.path` of the wrong field. */
  decodePrompt(body: unknown): Prompt;
  /** Set where clients may send a form with a file instead of JSON. `decode` throws like `decodePrompt`. */
  readonly form?: {
    readonly fileBytesMax: number;
    decode(fields: JsonObject, upload: Upload | null): Prompt;
  };
  createEncoder(context: AnswerContext): EventEncoder;
  /** A whole answer as JSON text. The cost is written from its exact decimal string. */
  encodeBody(answer: FoldedGeneration, context: AnswerContext, report: UsageReport): string;
  /** Puts what is ours into answers of this dialect that are whole already: into our own, when one is given again under another id. */
  readonly relay?: Relay;
  /** Set where plugins may change a conversation of this dialect before it is decoded. */
  readonly conversation?: ConversationForm;
  /** A failure that the dialect tells as an answer under HTTP 200, as JSON text; null for one that it tells as an error. */
  encodeFailure?(error: AppError, context: AnswerContext): string | null;
  /** The error body of this dialect. Only message, code, type and metadata leave. */
  encodeError(error: AppError, context: { readonly generationId: string | null }): JsonObject;
}

/** Why a prompt cannot cross into a dialect. */
export type UnsupportedFeature =
  | 'image_input'
  | 'audio_input'
  | 'video_input'
  | 'file_input'
  | 'image_output'
  | 'audio_output'
  | 'several_choices'
  | 'logprobs'
  | 'native_tools'
  | 'forced_tool_call'
  | 'raw_prompt';

/** A dialect as we speak it to providers. */
export interface CalledFormat {
  readonly id: WireFormatId;
  /** What the prompt asks for and this dialect has no words for; null when it can carry the prompt. */
  lacks(prompt: Prompt): UnsupportedFeature | null;
  encodePrompt(prompt: Prompt, target: CallTarget): JsonObject;
  /** True for the address of a picture, video or file that this dialect's providers do not read by themselves: they want the bytes. */
  needsBytes?(url: string): boolean;
  /** How the Content-Type of a stream begins. */
  readonly streamType: string;
  /** Reads the bytes of a stream; server-sent events where the dialect does not say otherwise. */
  createParser?(onEvent: (event: SseEvent) => void, options?: { readonly skim?: SseSkim }): SseParser;
  createDecoder(prompt: Prompt): EventDecoder;
  /** A whole body, parsed from JSON (undefined when it is none), as events: one delta per block. */
  decodeBody(body: unknown, prompt: Prompt): Decoded;
  decodeError(status: number, body: string, headers: Readonly<Record<string, string | undefined>>): ProviderFailure;
  /** Set where clients speak the dialect, too: their answers are not rebuilt. */
  readonly relay?: Relay;
}

/**
 * The relay lane: client and provider speak the same dialect, so the answer is not rebuilt. Only the fields that are ours (id, model,
 * provider, usage) are spliced in; every other byte passes as it came.
 */
export interface Relay {
  open(context: AnswerContext): Lane;
  body(text: string, context: AnswerContext): AnswerBody;
  /** Set where an answer is no text: its bytes, and the media type that the provider gives them. */
  bytes?(bytes: Uint8Array, contentType: string, context: AnswerContext): AnswerBody<Uint8Array>;
}

/** One dialect, both ways. */
export interface WireFormat extends ServedFormat, CalledFormat {
  readonly relay: Relay;
}

import type { AppError } from '@bourse/errors';
import type { Generation, JsonObject, Prompt, Usage, WireFormatId } from '@bourse/generation';

/** A server-sent event: `event` is null for the default type. `data` has its lines joined with a newline. */
export interface SseEvent {
  readonly event: string | null;
  readonly data: string;
}

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

/** Where a prompt goes: the model's name at the provider, and the output cap that we could afford (null = as asked). */
export interface CallTarget {
  readonly upstreamModel: string;
  readonly isStreamed: boolean;
  readonly outputTokensMax: number | null;
}

/** The money and flags that the usage block of an answer carries. `cost` is an exact decimal dollar string. */
export interface UsageReport {
  readonly usage: Usage;
  readonly costUsd: string;
  /** What the provider charges us, for transparency; null when unknown. */
  readonly upstreamCostUsd: string | null;
  readonly isEstimated: boolean;
}

/** A provider's "no", classified. `status` is the HTTP status (0 = no answer at all). */
export interface ProviderFailure {
  readonly kind:
    | 'invalid_request'
    | 'context_length_exceeded'
    | 'unauthenticated'
    | 'payment_required'
    | 'forbidden'
    | 'not_found'
    | 'rate_limited'
    | 'overloaded'
    | 'server_error'
    | 'timeout'
    | 'connection_failed'
    | 'invalid_response';
  readonly status: number;
  /** The provider's own sentence, cut to 500 characters; shown to the customer only for 4xx caused by the request. */
  readonly message: string;
  /** The provider's own code, when it gave one. */
  readonly code: string | null;
  readonly retryAfterSeconds: number | null;
}

/**
 * What a relayed event or body told us as it passed. Text counts are for estimates when a provider reports no usage.
 * `error` is a failure under HTTP 200 or in the stream.
 */
export interface RelayedFacts {
  readonly usage: Usage | null;
  /** Counts came that cannot be read as any: negative, fractional, parts larger than their whole. `usage` is null then. */
  readonly isUsageUnreadable: boolean;
  readonly finishReason: string | null;
  readonly upstreamId: string | null;
  /** Characters of text, reasoning and tool arguments in this event. */
  readonly outputText: string;
  readonly hasToolCall: boolean;
  readonly error: ProviderFailure | null;
}

/** A relayed event: the bytes for the client (null = swallow it) and what it told us. May stand for several: `data` then has their frames' ends in it. */
export interface RelayedEvent {
  readonly data: string | null;
  readonly facts: RelayedFacts;
  /** True for the format's own end mark (`[DONE]`). */
  readonly isEnd: boolean;
}

/**
 * The relay lane: client and endpoint speak the same format, so the answer is not rebuilt. Only the fields that are ours
 * (id, model, provider, usage) are spliced in; every other byte passes as it came. Stateless per event.
 */
export interface Relay {
  event(event: SseEvent, head: ResponseHead): RelayedEvent;
  /**
   * A shortcut: events in a stream's text from a place on where one begins, that need no parsing because others like them were relayed
   * before; one relayed event stands for all of them, and `end` is where the next thing begins. Null: there is none, use `event`.
   */
  ahead(
    stream: string,
    from: number,
    head: ResponseHead,
  ): { readonly event: RelayedEvent; readonly end: number } | null;
  /** A whole non-streamed body. Throws AppError('provider_failed') when it is not this format's JSON. */
  body(text: string): RelayedBody;
  /** The final usage event of a stream, with money. */
  usageEvent(report: UsageReport, head: ResponseHead): string;
  /** The format's end mark, null when it has none. */
  readonly endData: string | null;
}

/** A parsed upstream body that waits for the money before it goes to the client. */
export interface RelayedBody {
  readonly facts: RelayedFacts;
  /** The client's bytes: upstream's own but for our fields. */
  render(report: UsageReport, head: ResponseHead): string;
}

/** One dialect, both directions. Serving side: a client speaks it to us. Calling side: we speak it to a provider. */
export interface WireFormat {
  readonly id: WireFormatId;
  /** Throws AppError('invalid_request') with `metadata.path` of the wrong field. */
  decodePrompt(body: unknown): Prompt;
  encodeEvents(generation: Generation, head: ResponseHead): AsyncIterable<SseEvent>;
  encodeBody(generation: Generation, head: ResponseHead, report: UsageReport): Promise<JsonObject>;
  /** The client-facing error body of this dialect. Only message, code, type and metadata leave. */
  encodeError(error: AppError, context: { readonly generationId: string | null }): JsonObject;
  /** The in-band error event after the first byte. */
  encodeErrorEvent(error: AppError, head: ResponseHead): SseEvent;
  encodePrompt(prompt: Prompt, target: CallTarget): JsonObject;
  decodeEvents(events: AsyncIterable<SseEvent>): Generation;
  decodeBody(body: unknown): Generation;
  decodeError(status: number, body: string, headers: Readonly<Record<string, string | undefined>>): ProviderFailure;
  readonly relay: Relay;
}

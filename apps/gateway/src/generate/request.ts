import type { WireFormat } from '@bourse/wire';

/** An inference request as a route hands it over: nothing is parsed or trusted yet. */
export interface InferenceRequest {
  /** Ours, made at the door, so that also a refusal can be named. */
  readonly generationId: string;
  readonly requestId: string;
  /** The client's dialect: decides how the body is read and how the answer and every error look. */
  readonly wire: WireFormat;
  /** A request header by lower-case name, or null. */
  readonly header: (name: string) => string | null;
  /** Reads the body once; rejects when it is larger than the bound or breaks off. */
  readonly readBody: (bytesMax: number) => Promise<Uint8Array>;
  /** Aborts when the client hangs up. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly receivedAtMs: number;
}

/**
 * What goes back. A stream's chunks must be read to their end whatever happens to the client, because the end is where the
 * generation is settled; once the client's signal has aborted, the end comes soon.
 */
export type Answer =
  | { readonly kind: 'body'; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | {
      readonly kind: 'stream';
      readonly headers: Readonly<Record<string, string>>;
      readonly chunks: AsyncIterable<string>;
    };

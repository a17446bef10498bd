import type { JsonObject } from '@bourse/generation';
import type { Nanodollars } from '@bourse/money';
import type { Candidate } from '@bourse/routing';
import type { ServedFormat } from '@bourse/wire';
import type { Pass } from '../admission/pass.ts';
import type { Trace } from '../explain/trace.ts';
import type { Signal } from '../signal.ts';
import type { Metered } from './meter.ts';

/** An inference request as a route hands it over: nothing is parsed or trusted yet. */
export interface InferenceRequest {
  /** Ours, made at the door, so that also a refusal can be named. */
  readonly generationId: string;
  /** An earlier owner of this generation died or gave up: its hold, and even its charge, may exist already. */
  readonly isRetake: boolean;
  readonly requestId: string;
  /** The client's dialect: decides how the body is read and how the answer and every error look. */
  readonly wire: ServedFormat;
  /** What the URL says and other dialects say in the body; put into it before it is decoded. */
  readonly fields?: JsonObject;
  /** Where it comes from, as limits name it; null for our own infrastructure. */
  readonly address: string | null;
  /** Its way past the limits; whoever serves the request leaves it. */
  readonly pass: Pass;
  /** A request header by lower-case name, or null. */
  readonly header: (name: string) => string | null;
  /** Reads the body once; rejects when it is larger than the bound or breaks off. */
  readonly readBody: (bytesMax: number) => Promise<Uint8Array>;
  /** Set when the client hangs up. */
  readonly hangUp: Signal;
  /** Milliseconds since 1970. */
  readonly receivedAtMs: number;
  /** Where a client that asked to be told has its routing written down; null for all others. */
  readonly trace: Trace | null;
}

/** What became of a generation; whoever keeps answers for a retry decides by it. */
export interface Ended {
  /** The answer came to its own end, or to that of its money: there is nothing that trying again could add. */
  readonly isWhole: boolean;
  /** What was taken for it, once that is in the books; null when they do not say. */
  readonly books: { readonly charged: Nanodollars } | Promise<{ readonly charged: Nanodollars }> | null;
  /** Who gave it and what was counted in it; absent where nobody did, or it was given before. */
  readonly source?: { readonly candidate: Candidate; readonly metered: Metered };
}

/** How a stream closes: `text` is its last words, which leave when all that must outlive a crash was written. */
export interface StreamEnd extends Ended {
  readonly text: string;
}

/** An answer in one piece. */
export interface BodyAnswer extends Ended {
  readonly kind: 'body';
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or bytes that are none, such as sound. */
  readonly body: string | Uint8Array;
}

/**
 * An answer in pieces. They must be read to their end whatever happens to the client, because the end is where the generation is
 * settled; once the client has hung up, the end comes soon.
 */
export interface StreamAnswer {
  readonly kind: 'stream';
  readonly headers: Readonly<Record<string, string>>;
  /** Sent while the answer is silent, so that proxies keep the connection. */
  readonly keepAlive: string;
  readonly chunks: AsyncGenerator<string, StreamEnd>;
}

/** What goes back. */
export type Answer = BodyAnswer | StreamAnswer;

import type { ChatRequest } from './chat-request.ts';
import type { Completion } from './completion.ts';
import type { ProviderError } from './errors.ts';
import type { Step } from './play.ts';

/** What a call says outside of its body. */
export type CallPath = {
  /** The model, where the path names it. */
  readonly model: string | null;
  /** Streaming, where the path decides it. */
  readonly isStreamed: boolean | null;
};

/** A call as a signature covers it. Header names are lower case. */
export type SignedCall = {
  readonly method: string;
  readonly url: string;
  readonly header: (name: string) => string | undefined;
  readonly bodyText: string;
};

/** What a call costs and answers, in the words of one company's API. */
export type Dialect = {
  readonly name: string;
  /** The key as the API wants it sent, in a header or in the address; null when none is there. Header names are lower case. */
  readonly keyOf: (
    header: (name: string) => string | undefined,
    query: (name: string) => string | undefined,
  ) => string | null;
  /** Checks what else than a key proves who calls. Throws `ProviderError`. */
  readonly verify?: (call: SignedCall) => void;
  /** On every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly streamHeaders: Readonly<Record<string, string>>;
  /** The request in the sandbox's own form. Throws `ProviderError` as the API refuses. */
  readonly parse: (bodyText: string, path: CallPath) => ChatRequest;
  /** A whole answer as JSON. */
  readonly body: (completion: Completion, request: ChatRequest) => string;
  /** A streamed answer with all that ends it. */
  readonly steps: (completion: Completion, request: ChatRequest) => Generator<Step>;
  /** A piece of a stream that cannot be parsed. */
  readonly brokenStep: Step;
  readonly errorBody: (error: ProviderError) => object;
  /** What of an error is told beside its body. */
  readonly errorHeaders?: (error: ProviderError) => Readonly<Record<string, string>>;
  /** The error in the middle of a stream. */
  readonly errorStep: (error: ProviderError) => Step;
};

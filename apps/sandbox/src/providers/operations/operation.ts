/** A good answer, before a fault touches it. */
export type OperationAnswer = {
  readonly contentType: string;
  /** JSON as an object, or bytes. A fault may take its `usage` away, or change it. */
  readonly body: Readonly<Record<string, unknown>> | Uint8Array;
  /** The same with nothing in it. */
  readonly empty: Readonly<Record<string, unknown>> | Uint8Array;
  /** What making it costs in time, in tokens. */
  readonly tokens: number;
};

/** A call that was understood. */
export type OperationRequest = {
  readonly model: string;
  readonly answer: (createdUnixSeconds: number) => OperationAnswer;
};

/** One API that is no conversation, as OpenAI or Cohere has it. */
export type Operation = {
  /** Behind `/providers/<provider>`. */
  readonly path: string;
  /** Reads a call. Throws `ProviderError` as the API refuses. */
  readonly read: (request: Request) => Promise<OperationRequest>;
};

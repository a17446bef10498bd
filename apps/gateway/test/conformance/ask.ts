/** What a case of the battery asks for, in no dialect. */
export interface Ask {
  readonly model: string;
  /** The system text is worth keeping in a provider's cache; only some dialects can say so. */
  readonly isCached?: boolean;
  readonly text: string;
  readonly isStreamed: boolean;
  readonly system?: string;
  readonly tools?: readonly { readonly name: string; readonly parameters: object }[];
  /** A data URL. */
  readonly image?: string;
  /** A PDF as a data URL. */
  readonly pdf?: string;
  /** Sound of the format `wav`, in base64. */
  readonly sound?: string;
  /** The answer must follow it. */
  readonly schema?: object;
  readonly isThinking?: boolean;
}

/** What a client got, in no dialect. `error` is the error that the answer ended with; its status is 200 when it came in-band. */
export interface Got {
  readonly status: number;
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly name: string; readonly argumentsText: string }[];
  readonly usage: {
    readonly input: number;
    readonly output: number;
    readonly cached: number;
    readonly cost: number;
  } | null;
  readonly error: string | null;
  readonly generationId: string;
}

/** Nothing was got yet. */
export const nothing: Omit<Got, 'status' | 'generationId'> = {
  text: '',
  reasoning: '',
  calls: [],
  usage: null,
  error: null,
};

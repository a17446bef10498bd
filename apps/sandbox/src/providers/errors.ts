/** The body of OpenAI's errors: `{ "error": { message, type, param, code } }`. */
export type ErrorBody = {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
};

/** A refusal in OpenAI's shape. Thrown by the parser, and built directly by the faults. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly status: number;
  readonly body: ErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, error: Partial<ErrorBody['error']> & { message: string }, headers = {}) {
    super(error.message);
    this.status = status;
    this.body = {
      error: {
        message: error.message,
        type: error.type ?? 'invalid_request_error',
        param: error.param ?? null,
        code: error.code ?? null,
      },
    };
    this.headers = headers;
  }
}

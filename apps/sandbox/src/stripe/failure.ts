/** The `error` object of Stripe's API. */
export type StripeErrorBody = {
  readonly type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
  readonly charge?: string;
};

/** A refusal in Stripe's shape; the routes turn it into `{ "error": ... }` with this status. */
export class StripeFailure extends Error {
  override readonly name = 'StripeFailure';
  readonly status: number;
  readonly error: StripeErrorBody;

  constructor(status: number, error: StripeErrorBody) {
    super(error.message);
    this.status = status;
    this.error = error;
  }
}

/** 400 for a parameter that is wrong. */
export function invalidParameter(message: string, param: string, code?: string): StripeFailure {
  return new StripeFailure(400, {
    type: 'invalid_request_error',
    message,
    param,
    ...(code === undefined ? {} : { code }),
  });
}

/** 404 (or 400 when a body refers to it) for an id that names nothing. `kind` is Stripe's word, e.g. `customer`. */
export function missingResource(kind: string, id: string, { param = 'id', status = 404 } = {}): StripeFailure {
  const message = `No such ${kind}: '${id}'`;
  return new StripeFailure(status, { type: 'invalid_request_error', code: 'resource_missing', message, param });
}

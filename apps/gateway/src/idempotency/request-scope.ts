import { createHmac } from 'node:crypto';
import type { IdempotencyScope } from '@bourse/db';
import { AppError } from '@bourse/errors';

/** Printable ASCII: what survives every proxy unchanged. */
const KEY = /^[\x20-\x7e]{1,255}$/;

/** What the client presents with every attempt, and nobody else has: both are needed to read a stored answer. */
export interface Secrets {
  /** The API key's text. */
  readonly apiKey: string;
  /** The Idempotency-Key's text. */
  readonly idempotencyKey: string;
}

/** The value of an `Idempotency-Key` header. Throws 400 unless it is 1 to 255 characters of printable ASCII. */
export function parseIdempotencyKey(text: string): string {
  if (KEY.test(text)) return text;
  throw new AppError('invalid_request', 'Idempotency-Key must be 1 to 255 printable ASCII characters.', {
    metadata: { header: 'idempotency-key' },
  });
}

/**
 * Which request this is. The hashes are keyed with the API key's text, which is stored nowhere: who has only the database cannot even
 * confirm a guess of a short prompt. The body counts as it came, byte for byte, because that is what a client's retry repeats.
 */
export function requestScope(input: {
  readonly secrets: Secrets;
  readonly apiKeyId: string;
  readonly route: string;
  readonly body: Uint8Array;
}): IdempotencyScope {
  const { secrets, apiKeyId, route, body } = input;
  const digest = (domain: string) => createHmac('sha256', secrets.apiKey).update(`bourse:${domain}\n`);
  return {
    apiKeyId,
    keyHash: digest('idempotency-key').update(secrets.idempotencyKey).digest('hex'),
    bodyHash: digest('idempotency-body').update(`${route}\n`).update(body).digest('hex'),
  };
}

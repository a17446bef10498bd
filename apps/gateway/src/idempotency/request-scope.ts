import { createHmac, type Hmac } from 'node:crypto';
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

/** The boundary of a form: clients invent another one for each try. */
function boundaryOf(contentType: string | null): string | null {
  const found = /^multipart\/[^;]+;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType ?? '');
  return found?.[1] ?? found?.[2] ?? null;
}

/** The body's bytes without the boundary that its own header names, piece by piece: what is left is what was sent. */
function* withoutBoundary(body: Uint8Array, contentType: string | null): Generator<Uint8Array> {
  const boundary = boundaryOf(contentType);
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let from = 0;
  if (boundary !== null) {
    const mark = Buffer.from(`--${boundary}`, 'latin1');
    for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, from)) {
      yield bytes.subarray(from, at);
      // Pieces are told apart, so that nothing can move from one into the next.
      yield Buffer.from(`\0${at - from}\0`);
      from = at + mark.length;
    }
  }
  yield bytes.subarray(from);
}

/** What tells one body from another at a route of one API key. The body counts as it came, byte for byte, but for the boundary of a form. */
export interface SentBody {
  /** The key's text. */
  readonly apiKey: string;
  readonly route: string;
  readonly body: Uint8Array;
  readonly contentType: string | null;
}

function keyed(apiKey: string, domain: string): Hmac {
  return createHmac('sha256', apiKey).update(`bourse:${domain}\n`);
}

/** A hash of a body, keyed with the API key's text: nobody else can confirm a guess of it. Each use of hashes has a domain of its own. */
export function hashBody({ apiKey, route, body, contentType }: SentBody, domain: string): string {
  const digest = keyed(apiKey, domain).update(`${route}\n`);
  for (const piece of withoutBoundary(body, contentType)) digest.update(piece);
  return digest.digest('hex');
}

/**
 * Which request this is. The hashes are keyed with the API key's text, which is stored nowhere: who has only the database cannot even
 * confirm a guess of a short prompt. The body counts as it came, byte for byte, because that is what a client's retry repeats; but for the
 * boundary of a form, which is new with each try.
 */
export function requestScope(input: {
  readonly secrets: Secrets;
  readonly apiKeyId: string;
  readonly route: string;
  readonly body: Uint8Array;
  readonly contentType: string | null;
}): IdempotencyScope {
  const { secrets, apiKeyId, route, body, contentType } = input;
  const { apiKey, idempotencyKey } = secrets;
  return {
    apiKeyId,
    keyHash: keyed(apiKey, 'idempotency-key').update(idempotencyKey).digest('hex'),
    bodyHash: hashBody({ apiKey, route, body, contentType }, 'idempotency-body'),
  };
}

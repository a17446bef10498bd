import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Secrets } from './request-scope.ts';

/** An answer as it is kept: what is needed to send it again. */
export interface KeptAnswer {
  readonly kind: 'body' | 'stream';
  readonly headers: Readonly<Record<string, string>>;
  /** The body, or all chunks of the stream. */
  readonly body: string | Uint8Array;
}

/** An answer that was kept. */
export interface OpenedAnswer extends KeptAnswer {
  readonly body: Buffer;
}

/** Where a stored answer belongs; it cannot be opened anywhere else. */
export interface SealPlace {
  readonly organizationId: string;
  readonly claimId: string;
  readonly generationId: string;
}

/** Names layout and algorithms, so that they can change while older answers are still asked for. */
const VERSION = 1;
const SALT_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + SALT_BYTES + NONCE_BYTES;

/** A key of its own for every answer. The API key alone has 256 bits; neither text contains a line feed. */
function deriveKey(secrets: Secrets, salt: Uint8Array): Uint8Array {
  const material = Buffer.from(`${secrets.apiKey}\n${secrets.idempotencyKey}`, 'latin1');
  return new Uint8Array(hkdfSync('sha256', material, salt, 'bourse idempotent answer', 32));
}

function additionalData({ organizationId, claimId, generationId }: SealPlace): Buffer {
  return Buffer.from(`${organizationId}|${claimId}|${generationId}`);
}

/** Encrypts an answer: version, salt, nonce, ciphertext, tag. A line of JSON, then the body as it is, so that nothing is escaped. */
export function sealAnswer(answer: KeptAnswer, secrets: Secrets, place: SealPlace): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', deriveKey(secrets, salt), nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(place));
  const { kind, headers, body } = answer;
  return Buffer.concat([
    Buffer.of(VERSION),
    salt,
    nonce,
    cipher.update(`${JSON.stringify({ kind, headers })}\n`, 'utf8'),
    cipher.update(typeof body === 'string' ? Buffer.from(body) : body),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

const headSchema = z.object({ kind: z.enum(['body', 'stream']), headers: z.record(z.string(), z.string()) });

/** The answer again, its body as bytes. Throws when a bit of it was changed, or it was sealed with other secrets or for another place. */
export function openAnswer(sealed: Uint8Array, secrets: Secrets, place: SealPlace): OpenedAnswer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes[0] !== VERSION || bytes.length < HEAD_BYTES + TAG_BYTES) throw new Error('not a sealed answer');
  const key = deriveKey(secrets, bytes.subarray(1, 1 + SALT_BYTES));
  const nonce = bytes.subarray(1 + SALT_BYTES, HEAD_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const plain = Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
  const lineEnd = plain.indexOf('\n');
  const head = headSchema.parse(JSON.parse(plain.toString('utf8', 0, lineEnd)));
  return { ...head, body: plain.subarray(lineEnd + 1) };
}

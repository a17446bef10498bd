import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { SignedCall } from '../../dialect.ts';
import { ProviderError } from '../../errors.ts';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/\s]+)\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

/** The secret of an access key in the sandbox. Not for real keys. */
export function secretOf(accessKeyId: string): string {
  return `secret-of-${accessKeyId}`;
}

/** The key id that a signature names; null for another kind of authorization. */
export function accessKeyIn(authorization: string): string | null {
  return AUTHORIZATION.exec(authorization)?.[1] ?? null;
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

function refusal(message: string, code = 'InvalidSignatureException'): ProviderError {
  return new ProviderError(403, { message, code });
}

/** RFC 3986 letters stay, all others are encoded; for services other than S3 once more than in the address itself. */
function encodedTwice(path: string): string {
  const encode = (piece: string) =>
    encodeURIComponent(piece).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return path.split('/').map(encode).join('/');
}

/**
 * Checks a Signature Version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, read 2026-11)
 * of a call of `bedrock`. A call without one is not ours to judge. Throws `ProviderError` 403.
 */
export function verifySignature({ method, url, header, bodyText }: SignedCall): void {
  const authorization = header('authorization') ?? '';
  if (!authorization.startsWith('AWS4-HMAC-SHA256')) return;
  const [, key, day, region, service, signed, signature] = AUTHORIZATION.exec(authorization) ?? [];
  if (!key || !day || !region || !signed || !signature) {
    throw refusal('Authorization header is malformed.', 'IncompleteSignatureException');
  }
  const date = header('x-amz-date') ?? '';
  const names = signed.split(';');
  if (!/^\d{8}T\d{6}Z$/.test(date) || !date.startsWith(day))
    throw refusal('The date of the signature is missing or another.');
  if (service !== 'bedrock') throw refusal(`Credential should be scoped to correct service: 'bedrock'.`);
  if (!names.includes('host') || !names.includes('x-amz-date')) throw refusal('Host and date must be signed.');
  const { pathname, search } = new URL(url);
  const lines = names.map((name) => `${name}:${(header(name) ?? '').trim().replace(/ +/g, ' ')}`);
  const canonical = [method, encodedTwice(pathname), search.slice(1), ...lines, '', signed, sha256(bodyText)].join(
    '\n',
  );
  const scope = `${day}/${region}/${service}/aws4_request`;
  const signingKey = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secretOf(key)}`);
  const expected = hmac(signingKey, ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n'));
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
    throw refusal('The request signature we calculated does not match the signature you provided.');
  }
}

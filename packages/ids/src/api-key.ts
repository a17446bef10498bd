import { randomBase62, toBase62 } from './base62.ts';
import { crc32 } from './crc32.ts';

/** An inference key spends credits; a management key administers keys and reads accounts, and cannot call models. */
export type ApiKeyKind = 'inference' | 'management';

const PREFIXES: Readonly<Record<ApiKeyKind, string>> = {
  inference: 'sk-brs-v1-',
  management: 'sk-brs-mgmt-v1-',
};
const SECRET_LENGTH = 43; // 256 bits
const CHECKSUM_LENGTH = 6;
const BODY = new RegExp(`^[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);

/** A new key: prefix + 43 random base62 characters (256 bits) + 6 characters of CRC-32 over all that precedes. */
export function generateApiKey(kind: ApiKeyKind): string {
  const head = PREFIXES[kind] + randomBase62(SECRET_LENGTH);
  return head + toBase62(crc32(head), CHECKSUM_LENGTH);
}

/**
 * The kind of a well-formed key, or null. The checksum lets us refuse a mistyped or invented key without
 * asking the database, and lets secret scanners tell ours from noise.
 */
export function parseApiKey(text: string): ApiKeyKind | null {
  const kind: ApiKeyKind = text.startsWith(PREFIXES.management) ? 'management' : 'inference';
  const body = text.slice(PREFIXES[kind].length);
  if (!text.startsWith(PREFIXES[kind]) || !BODY.test(body)) return null;
  const head = text.slice(0, -CHECKSUM_LENGTH);
  return toBase62(crc32(head), CHECKSUM_LENGTH) === text.slice(-CHECKSUM_LENGTH) ? kind : null;
}

/** What may be shown of a key after creation: "sk-brs-v1-3f9...x7Q". */
export function apiKeyLabel(key: string): string {
  const kind = parseApiKey(key) ?? 'inference';
  const prefix = PREFIXES[kind];
  return `${prefix}${key.slice(prefix.length, prefix.length + 3)}...${key.slice(-3)}`;
}

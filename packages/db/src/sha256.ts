import { createHash } from 'node:crypto';

/** Lower-case hex SHA-256 of a text: how keys, sessions and e-mail tokens are kept. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** The largest multiple of 62 in a byte: bytes at or above it are thrown away so that no letter is more likely. */
const UNBIASED_BELOW = 248;

/** Random bytes are drawn by the page: a call of the secure generator costs the same for 20 bytes as for 4,096. */
const pool = new Uint8Array(4_096);
let used = pool.length;

function randomByte(): number {
  if (used === pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const byte = pool[used] ?? 0;
  // What was given out does not stay in memory.
  pool[used] = 0;
  used += 1;
  return byte;
}

/** `length` characters drawn uniformly from 0-9A-Za-z by the platform's secure generator (5.95 bits each). */
export function randomBase62(length: number): string {
  let text = '';
  while (text.length < length) {
    const byte = randomByte();
    if (byte < UNBIASED_BELOW) text += ALPHABET.charAt(byte % 62);
  }
  return text;
}

/** A non-negative integer in base 62, padded with zeros to `length`. */
export function toBase62(value: number, length: number): string {
  let text = '';
  let rest = value;
  do {
    text = ALPHABET.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  } while (rest > 0);
  return text.padStart(length, '0');
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Six bits by the code of a character; 255 for what is none. Both alphabets, as decoders are expected to take both. */
const sextets = new Uint8Array(256).fill(255);
for (let index = 0; index < ALPHABET.length; index += 1) sextets[ALPHABET.charCodeAt(index)] = index;
sextets['-'.charCodeAt(0)] = 62;
sextets['_'.charCodeAt(0)] = 63;

/** Bytes as base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(index, index + 3);
    const group = (first << 16) | (second << 8) | third;
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += index + 1 < bytes.length ? ALPHABET.charAt((group >> 6) & 63) : '=';
    text += index + 2 < bytes.length ? ALPHABET.charAt(group & 63) : '=';
  }
  return text;
}

/** The bytes behind base64, padded or not; null for a text that is none. White space is none. */
export function decodeBase64(text: string): Uint8Array | null {
  const end = text.length - (/={0,2}$/.exec(text)?.[0].length ?? 0);
  if (end % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((end * 3) / 4));
  let bits = 0;
  let at = 0;
  for (let index = 0; index < end; index += 1) {
    const sextet = sextets[text.charCodeAt(index)] ?? 255;
    if (sextet === 255) return null;
    bits = ((bits << 6) | sextet) & 0xffffff;
    // Three of every four characters complete a byte.
    if (index % 4 !== 0) {
      bytes[at] = bits >> (6 - 2 * (index % 4));
      at += 1;
    }
  }
  return bytes;
}

/** Numbers as OpenAI sends vectors in base64: 32-bit floats, little-endian. */
export function encodeFloats(numbers: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(numbers.length * 4));
  for (const [index, number] of numbers.entries()) view.setFloat32(index * 4, number, true);
  return encodeBase64(new Uint8Array(view.buffer));
}

/** A source of numbers in [0, 1), like `Math.random`, so that callers can inject a repeatable one. */
export type Random = () => number;

/** A list that `pick` can always choose from. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** Four 32-bit words that depend on every character of the text (MurmurHash3's finalizer over two lanes). */
function hashWords(text: string): [number, number, number, number] {
  let a = 0x9e3779b9 ^ text.length;
  let b = 0x85ebca6b;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0x5bd1e995);
    a ^= a >>> 15;
    b = Math.imul(b ^ code ^ (a << 3), 0xc2b2ae35);
    b ^= b >>> 13;
  }
  const finish = (value: number) => {
    let mixed = value;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  return [finish(a), finish(b), finish(a ^ b), finish(a + b)];
}

/** 128 bits of the text as 32 hexadecimal digits. Stable over releases; not for secrets. */
export function hashHex(text: string): string {
  return hashWords(text)
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
}

/** The same text always gives the same endless row of numbers (sfc32). */
export function seededRandom(seed: string): Random {
  let [a, b, c, counter] = hashWords(seed);
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  // sfc32 needs a dozen rounds before near-equal seeds have drifted apart.
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** One of the list, each equally likely. */
export function pick<T>(random: Random, list: NonEmpty<T>): T {
  return list[Math.floor(random() * list.length)] ?? list[0];
}

/** A whole number from `min` to `max`, both included. */
export function integerBetween(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** Numbers that look random and are the same for the same seed, on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly draw: () => number;
  /** An index, as likely as its weight; weights are not negative and not all zero. */
  readonly pick: (weights: readonly number[]) => number;
  /** Log-normal around `median`: most values are near it, a few are far larger. */
  readonly around: (median: number, spread: number) => number;
  /** So many of 0-9A-Za-z. */
  readonly base62: (length: number) => string;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Spreads a text over 32 bits (FNV-1a). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** A generator of its own for each seed (mulberry32): streams of different seeds do not disturb one another. */
export function seededRandom(seed: string): Random {
  let state = hashText(seed);
  const draw = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = (weights: readonly number[]): number => {
    let rest = draw() * weights.reduce((sum, weight) => sum + weight, 0);
    const found = weights.findIndex((weight) => {
      rest -= weight;
      return rest < 0;
    });
    return found === -1 ? weights.length - 1 : found;
  };
  const around = (median: number, spread: number): number => {
    const normal = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
    return median * Math.exp(spread * normal);
  };
  const base62 = (length: number): string =>
    Array.from({ length }, () => ALPHABET.charAt(Math.floor(draw() * ALPHABET.length))).join('');
  return { draw, pick, around, base62 };
}

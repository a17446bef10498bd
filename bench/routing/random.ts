/** A reproducible source of uniform numbers in [0, 1): mulberry32, by Tommy Ettinger, public domain. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A wait with that mean, as between independent events. */
export function exponential(mean: number, draw: () => number): number {
  return -Math.log(1 - draw()) * mean;
}

/** A positive value around a median; `sigma` is how far its logarithm strays. */
export function logNormal(median: number, sigma: number, draw: () => number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  return median * Math.exp(sigma * normal);
}

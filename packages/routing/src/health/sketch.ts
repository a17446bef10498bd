import { DDSketch } from '@datadog/sketches-js';
import type { Percentiles } from '../health.ts';

/** How far a percentile may be from the truth, as a share of it. */
const ACCURACY = 0.02;

/**
 * A sketch's counts by the key of their bin, to be stored, sent and added to others. What a key means follows from the accuracy above, so a
 * change of it makes old bins unreadable.
 */
export type Bins = Readonly<Record<string, number>>;

/**
 * Percentiles of any number of positive values in a kilobyte or two: a DDSketch (Masson, Rim, Lee, VLDB 2019), whose error is a share of the
 * value and which can be added to others without loss.
 */
export class Sketch {
  readonly #sketch = new DDSketch({ relativeAccuracy: ACCURACY });

  get count(): number {
    return this.#sketch.count;
  }

  /** Counts a value; zero and less count as the smallest that can be told from zero. */
  add(value: number, weight = 1): void {
    if (Number.isFinite(value)) this.#sketch.accept(Math.max(value, Number.EPSILON), weight);
  }

  merge(other: Sketch): void {
    if (other.count > 0) this.#sketch.merge(other.#sketch);
  }

  /** Adds what another process counted; keys and counts that are none are left out. */
  addBins(bins: Bins): void {
    for (const key in bins) {
      const count = bins[key];
      if (count !== undefined && count > 0) this.add(this.#sketch.mapping.value(Number(key)), count);
    }
  }

  /** What was counted; empty for nothing. */
  bins(): Bins {
    const { bins, offset } = this.#sketch.store;
    const counts: Record<string, number> = {};
    for (const [index, count] of bins.entries()) if (count > 0) counts[String(index + offset)] = count;
    return counts;
  }

  /** Null when nothing was counted. */
  quantile(share: number): number | null {
    return this.count === 0 ? null : this.#sketch.getValueAtQuantile(share);
  }

  /** Null below `atLeast` values. */
  percentiles(atLeast = 1): Percentiles | null {
    if (this.count < Math.max(atLeast, 1)) return null;
    const at = (share: number): number => this.#sketch.getValueAtQuantile(share);
    return { p50: at(0.5), p75: at(0.75), p90: at(0.9), p99: at(0.99) };
  }
}

/** The percentiles of stored bins; null when they are empty. */
export function percentilesOfBins(bins: Bins): Percentiles | null {
  const sketch = new Sketch();
  sketch.addBins(bins);
  return sketch.percentiles();
}

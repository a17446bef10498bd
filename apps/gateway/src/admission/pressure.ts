/** How hard a process has it. */
export type PressureLevel = 'green' | 'yellow' | 'orange' | 'red';

/** What a process feels, four times a second. */
export interface PressureSample {
  /** How late the event loop was, p99 since the last sample, in milliseconds. */
  readonly loopDelayMs: number;
  /** Used heap by the most that there may be, 0..1. */
  readonly heapShare: number;
  /** The most requests that ran at once since the last sample. */
  readonly running: number;
  /** Of any clock that does not go back. */
  readonly nowMs: number;
}

/** When it is too much; the numbers of reliability.md 2.3. */
export interface PressureOptions {
  /** Orange; a third of it is yellow. 0: the loop's delay says nothing. */
  readonly loopDelayMs: number;
}

export const pressureLevels = ['green', 'yellow', 'orange', 'red'] as const satisfies readonly PressureLevel[];

const HEAP = { yellow: 0.7, orange: 0.85, red: 0.93 } as const;
const CALM_MS = 5_000;
/** A process runs so many at once whatever the loop says: fewer would be no load for it. */
const CAP_MIN = 16;
const CAP_SHRINK = { yellow: 0.95, orange: 0.75, least: 0.25 } as const;
/** As long as the loop is far from yellow. */
const CAP_GROWTH = 1.1;
const RELAXED_SHARE = 0.6;

/**
 * Judges what a process feels. A level rises at once and falls after five calm seconds. From yellow on no more requests may run than did when it
 * began; that number shrinks while the loop is late and grows when it is not, so that a process under any load does what it can and no more.
 * A heap that is nearly full ends admissions.
 */
export class Pressure {
  readonly #yellowMs: number;
  readonly #orangeMs: number;
  #level: PressureLevel = 'green';
  #calmSinceMs = 0;
  #cap = Number.POSITIVE_INFINITY;

  constructor({ loopDelayMs }: PressureOptions) {
    this.#orangeMs = loopDelayMs === 0 ? Number.POSITIVE_INFINITY : loopDelayMs;
    this.#yellowMs = this.#orangeMs / 3;
  }

  get level(): PressureLevel {
    return this.#level;
  }

  /** How many requests may run; infinite while it is green. */
  get cap(): number {
    return this.#cap;
  }

  /** True while nothing new may begin, because there is no memory for it. */
  get isShut(): boolean {
    return this.#cap === 0;
  }

  observe(sample: PressureSample): void {
    const felt = this.#felt(sample);
    const rank = (level: PressureLevel): number => pressureLevels.indexOf(level);
    if (rank(felt) >= rank(this.#level)) {
      this.#level = felt;
      this.#calmSinceMs = sample.nowMs;
    } else if (sample.nowMs - this.#calmSinceMs >= CALM_MS) {
      this.#level = felt;
      this.#calmSinceMs = sample.nowMs;
    }
    this.#cap = this.#capAfter(sample);
  }

  #felt({ loopDelayMs, heapShare }: PressureSample): PressureLevel {
    if (heapShare > HEAP.red) return 'red';
    if (heapShare > HEAP.orange || loopDelayMs > this.#orangeMs) return 'orange';
    if (heapShare > HEAP.yellow || loopDelayMs > this.#yellowMs) return 'yellow';
    return 'green';
  }

  #capAfter({ loopDelayMs, heapShare, running }: PressureSample): number {
    if (this.#level === 'green') return Number.POSITIVE_INFINITY;
    if (heapShare > HEAP.orange) return 0;
    // What runs is known to be too much, or as much as there was when it began.
    const known = this.#cap === 0 || this.#cap === Number.POSITIVE_INFINITY ? running : this.#cap;
    if (loopDelayMs > this.#yellowMs)
      return Math.max(CAP_MIN, Math.floor(Math.min(known, running) * this.#shrinkFor(loopDelayMs)));
    if (loopDelayMs < this.#yellowMs * RELAXED_SHARE) return Math.max(CAP_MIN, Math.ceil(known * CAP_GROWTH));
    return Math.max(CAP_MIN, known);
  }

  /** The later the loop, the more at once: a crowd that came before the first sample would else be worked off for seconds. */
  #shrinkFor(loopDelayMs: number): number {
    if (loopDelayMs <= this.#orangeMs) return CAP_SHRINK.yellow;
    return Math.max(CAP_SHRINK.least, Math.min(CAP_SHRINK.orange, this.#orangeMs / loopDelayMs));
  }
}

/**
 * Whether an organization may begin one more request while only so many may run. Within the cap anybody may. Beyond it who has less than his
 * share of it still may, so that one that asks for everything does not shut the others out: what runs is then at most twice the cap.
 */
export function mayBegin(
  { cap, total, organizations }: { readonly cap: number; readonly total: number; readonly organizations: number },
  own: number,
): boolean {
  if (total < cap) return true;
  const sharing = own > 0 ? organizations : organizations + 1;
  const hasLess = own < Math.ceil(cap / sharing);
  // Where there are more of them than places, the first who come have one.
  return hasLess && (sharing <= cap || total < 2 * cap);
}

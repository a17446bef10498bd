import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Running } from './caller-limits.ts';
import type { Pressure } from './pressure.ts';

/** Something that is being sent, as Node's responses are. */
export interface OpenAnswer {
  /** Bytes that its reader has not taken. */
  readonly writableLength: number;
  destroy(): unknown;
}

const SAMPLE_MS = 250;
const RESOLUTION_MS = 10;
const NANOSECONDS_PER_MS = 1e6;
/** Less is not worth an answer. */
const ABORT_BYTES_MIN = 64 * 1024;

/** Tells a `Pressure` what this process feels, four times a second, and under red takes back the memory of the slowest reader. */
export class PressureProbe {
  readonly #pressure: Pressure;
  readonly #running: Running;
  readonly #answers = new Set<OpenAnswer>();
  readonly #loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;
  readonly #aborted: () => void;

  constructor(options: { readonly pressure: Pressure; readonly running: Running; readonly aborted: () => void }) {
    this.#pressure = options.pressure;
    this.#running = options.running;
    this.#aborted = options.aborted;
    this.#loop.enable();
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  /** What is being sent from now on. */
  opened(answer: OpenAnswer): void {
    this.#answers.add(answer);
  }

  closed(answer: OpenAnswer): void {
    this.#answers.delete(answer);
  }

  /** Bytes that readers have not taken, of all answers. */
  get bufferedBytes(): number {
    let bytes = 0;
    for (const { writableLength } of this.#answers) bytes += writableLength;
    return bytes;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#loop.disable();
  }

  #sample(): void {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
    this.#pressure.observe({
      // A timer that is due every 10 ms and comes after 10 ms is not late.
      loopDelayMs: Math.max(0, this.#loop.percentile(99) / NANOSECONDS_PER_MS - RESOLUTION_MS),
      heapShare: used / limit,
      running: this.#running.takePeak(),
      nowMs: performance.now(),
    });
    this.#loop.reset();
    if (this.#pressure.level === 'red') this.#abortLargest();
  }

  #abortLargest(): void {
    let largest: OpenAnswer | null = null;
    for (const answer of this.#answers)
      if (answer.writableLength > (largest?.writableLength ?? ABORT_BYTES_MIN)) largest = answer;
    if (largest === null) return;
    this.#aborted();
    largest.destroy();
  }
}

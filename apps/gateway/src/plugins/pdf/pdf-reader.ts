import { Worker } from 'node:worker_threads';
import type { PdfFailure, PdfJob, PdfReply, PdfResult } from './pdf-job.ts';

/** What bounds the reading of PDFs. */
export interface PdfLimits {
  /** Milliseconds for one file, from the moment in which it is read. */
  readonly timeoutMs: number;
  readonly pagesMax: number;
  /** UTF-16 units of all pages together. */
  readonly charactersMax: number;
  /** Megabytes of heap for the thread. */
  readonly memoryMb: number;
  /** Files that wait for their turn; more are refused. */
  readonly waitingMax: number;
}

/** Some 700 words a page; a book of a thousand pages is read in a few seconds. */
export const PDF_LIMITS: PdfLimits = {
  timeoutMs: 20_000,
  pagesMax: 1_000,
  charactersMax: 4_000_000,
  memoryMb: 512,
  waitingMax: 32,
};

/** `too_slow`: its time was over. `too_complex`: its memory was. `busy`: too many wait. `stopped`: we shut down. */
export type PdfRefusal = PdfFailure | 'too_slow' | 'too_complex' | 'busy' | 'stopped';

/** The text of a PDF, or why there is none. */
export type PdfText =
  | { readonly kind: 'text'; readonly pages: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: PdfRefusal };

/** After so long without work the thread is let go. */
const IDLE_MS = 60_000;
/** A thread that has to be started first may take longer. */
const START_MS = 10_000;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly resolve: (text: PdfText) => void;
}

/** Reads PDFs in one thread beside the gateway's, one after the other, which is started when there is a first one. */
export class PdfReader {
  readonly #limits: PdfLimits;
  readonly #waiting: Waiting[] = [];
  #worker: Worker | null = null;
  #current: (Waiting & { readonly id: number; readonly timer: NodeJS.Timeout }) | null = null;
  #idle: NodeJS.Timeout | null = null;
  #jobs = 0;
  #isStopped = false;

  constructor(limits: PdfLimits = PDF_LIMITS) {
    this.#limits = limits;
  }

  /** Never rejects. The bytes are copied, and may be used further. */
  read(bytes: Uint8Array): Promise<PdfText> {
    if (this.#isStopped) return Promise.resolve({ kind: 'failed', reason: 'stopped' });
    if (this.#waiting.length >= this.#limits.waitingMax) return Promise.resolve({ kind: 'failed', reason: 'busy' });
    return new Promise((resolve) => {
      this.#waiting.push({ bytes, resolve });
      this.#next();
    });
  }

  /** Ends the thread; who waits is told so. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ kind: 'failed', reason: 'stopped' });
    await this.#end('stopped');
  }

  #next(): void {
    if (this.#current !== null) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) {
      this.#rest();
      return;
    }
    clearTimeout(this.#idle ?? undefined);
    const { pagesMax, charactersMax, timeoutMs } = this.#limits;
    const patienceMs = this.#worker === null ? timeoutMs + START_MS : timeoutMs;
    this.#worker ??= this.#start();
    this.#jobs += 1;
    const id = this.#jobs;
    const timer = setTimeout(() => void this.#end('too_slow'), patienceMs);
    this.#current = { ...waiting, id, timer };
    const copy = Uint8Array.from(waiting.bytes);
    const job: PdfJob = { id, bytes: copy, pagesMax, charactersMax };
    this.#worker.postMessage(job, [copy.buffer]);
  }

  #start(): Worker {
    const { memoryMb } = this.#limits;
    const worker = new Worker(new URL('./pdf-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: Math.ceil(memoryMb / 8) },
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    worker.on('message', ({ id, result }: PdfReply) => {
      if (this.#current?.id === id) this.#finish(result);
    });
    // It ends by itself only when its memory is over, or in a way that nobody foresaw: the file is to blame in both.
    worker.on('error', () => {
      if (this.#worker === worker) void this.#end('too_complex');
    });
    worker.unref();
    return worker;
  }

  #finish(result: PdfResult | { readonly kind: 'failed'; readonly reason: PdfRefusal }): void {
    const current = this.#current;
    this.#current = null;
    if (current !== null) {
      clearTimeout(current.timer);
      current.resolve(result);
    }
    this.#next();
  }

  /** Ends the thread with the file that it is at. */
  async #end(reason: PdfRefusal): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    clearTimeout(this.#idle ?? undefined);
    const ended = worker?.terminate();
    this.#finish({ kind: 'failed', reason });
    await ended;
  }

  #rest(): void {
    if (this.#worker === null || this.#isStopped) return;
    this.#idle = setTimeout(() => {
      if (this.#current === null) void this.#end('stopped');
    }, IDLE_MS);
    this.#idle.unref();
  }
}

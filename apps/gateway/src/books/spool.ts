import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { recordBytes, Segment } from './segment.ts';

/** Thrown when a record finds no room: the disk is full or broken. */
export class SpoolFull extends Error {
  override readonly name = 'SpoolFull';
}

/** How a spool works. */
export interface SpoolOptions {
  /** A directory of its own; made when it is not there. */
  readonly directory: string;
  readonly segmentBytes: number;
  /** How long a write waits for company when the one before it had some; a lonely record is written at once. */
  readonly lingerMs: number;
  readonly onError: (error: unknown) => void;
  /** Makes a file of the spool with all its room; tests break it. */
  readonly createSegment?: typeof Segment.create;
}

/** A record that is on the disk. To be acknowledged once, when it is booked. */
export interface SpooledRecord {
  readonly segment: Segment;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly resolve: (record: SpooledRecord) => void;
  readonly reject: (error: Error) => void;
}

const RETRY_MS = 500;

/**
 * A write-ahead file on the local disk: a charge is in it before the last byte of its answer leaves, so no crash can lose it. Records that
 * come while a write is under way are written together (group commit). Room is allocated ahead; when the disk gives no more, `isFull`
 * says so while what is left still takes the records of running answers.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #queue: Waiting[] = [];
  #current: Segment;
  #next: Segment | null = null;
  /** Full files with records that are not booked. */
  readonly #old = new Set<Segment>();
  #number = 1;
  #preparing: Promise<void> | null = null;
  #isWriting = false;
  #isScheduled = false;
  /** What is queued waits for the next file, which is being made. */
  #awaitsRoom = false;
  #isClosed = false;
  #lastSize = 0;
  #retry: NodeJS.Timeout | undefined;
  #isFull = false;

  private constructor(options: SpoolOptions, first: Segment) {
    this.#options = options;
    this.#current = first;
    this.#prepare();
  }

  /** Makes the directory and its first file. Rejects when there is no room for it. */
  static async open(options: SpoolOptions): Promise<Spool> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const create = options.createSegment ?? Segment.create;
    return new Spool(options, await create(join(options.directory, '000001.wal'), options.segmentBytes));
  }

  /** True while no room can be prepared beyond the file in use: no new request may be admitted. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Resolves when the record is on the disk. Rejects with SpoolFull when it cannot be. `text` has no line break. */
  append(text: string): Promise<SpooledRecord> {
    const { promise, resolve, reject } = Promise.withResolvers<SpooledRecord>();
    this.#queue.push({ bytes: recordBytes(text), resolve, reject });
    this.#schedule();
    return promise;
  }

  /** The record is booked: when all of its file are, the file goes. */
  acknowledge({ segment }: SpooledRecord): void {
    segment.pending -= 1;
    this.#retire(segment);
  }

  /** Ends; with `isEmpty` (everything is booked) the directory goes as well. */
  async close(isEmpty: boolean): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#preparing;
    await Promise.all([...this.#old, this.#current, this.#next].map(async (segment) => segment?.close()));
    if (isEmpty) await rm(this.#options.directory, { recursive: true, force: true });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isWriting || this.#awaitsRoom || this.#queue.length === 0) return;
    this.#isScheduled = true;
    if (this.#lastSize > 1 && this.#options.lingerMs > 0) setTimeout(() => void this.#write(), this.#options.lingerMs);
    else setImmediate(() => void this.#write());
  }

  async #write(): Promise<void> {
    this.#isScheduled = false;
    this.#isWriting = true;
    const batch = this.#take();
    this.#lastSize = batch.length;
    const segment = this.#current;
    // Counted before the write, so that the file cannot go while it runs.
    segment.pending += batch.length;
    try {
      const [only] = batch;
      const bytes = batch.length === 1 && only ? only.bytes : Buffer.concat(batch.map(({ bytes: part }) => part));
      if (batch.length > 0) await segment.append(bytes);
      for (const { resolve } of batch) resolve({ segment });
    } catch (error) {
      this.#options.onError(error);
      segment.pending -= batch.length;
      segment.abandon();
      if (!this.#turn()) this.#prepare();
      for (const { reject } of batch) reject(new SpoolFull('the spool cannot be written', { cause: error }));
    }
    this.#isWriting = false;
    this.#schedule();
  }

  /** The records that fit into the file in use; turns to the next file when the first does not. */
  #take(): Waiting[] {
    const batch: Waiting[] = [];
    let size = 0;
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (size + first.bytes.byteLength > this.#current.room) {
        if (batch.length > 0) break;
        const isTooLarge = first.bytes.byteLength > this.#options.segmentBytes;
        if (!isTooLarge && this.#turn()) continue;
        // Under a burst the next file may take longer to make than this one to fill.
        this.#awaitsRoom = !isTooLarge && this.#preparing !== null && !this.#isFull;
        if (this.#awaitsRoom) break;
        this.#queue.shift();
        first.reject(new SpoolFull('the spool has no room'));
        continue;
      }
      this.#queue.shift();
      batch.push(first);
      size += first.bytes.byteLength;
    }
    if (this.#current.room - size < this.#options.segmentBytes / 2) this.#prepare();
    return batch;
  }

  /** Goes on in the next file; false when there is none. */
  #turn(): boolean {
    if (this.#next === null) return false;
    const old = this.#current;
    this.#old.add(old);
    this.#current = this.#next;
    this.#next = null;
    this.#retire(old);
    this.#prepare();
    return true;
  }

  #retire(segment: Segment): void {
    if (segment.pending > 0 || segment === this.#current || this.#isClosed) return;
    this.#old.delete(segment);
    segment.remove().catch(this.#options.onError);
  }

  #prepare(): void {
    if (this.#preparing !== null || this.#next !== null || this.#isClosed) return;
    this.#number += 1;
    const path = join(this.#options.directory, `${String(this.#number).padStart(6, '0')}.wal`);
    const create = this.#options.createSegment ?? Segment.create;
    this.#preparing = create(path, this.#options.segmentBytes)
      .then(
        (segment) => {
          this.#isFull = false;
          this.#next = segment;
        },
        (error: unknown) => {
          if (!this.#isFull) this.#options.onError(error);
          this.#isFull = true;
          if (!this.#isClosed) this.#retry = setTimeout(() => this.#prepare(), RETRY_MS);
        },
      )
      .then(() => {
        this.#preparing = null;
        this.#awaitsRoom = false;
        this.#schedule();
      });
  }
}

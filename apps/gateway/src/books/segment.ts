import { constants, type PathLike, write } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

const writeAt = promisify(write);
const ZEROS = Buffer.alloc(256 * 1024);

/** Where the platform has no synchronous data writes, each write is followed by an explicit one. */
const SYNC_FLAG = constants.O_DSYNC ?? 0;

function checksumOf(text: string | Uint8Array): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/** A record as it stands in a file: its text (JSON, so without line breaks), the checksum of the text, a line break. */
export function frameRecord(text: string): string {
  return `${text}|${checksumOf(text)}\n`;
}

const NO_CHECKSUM = '|00000000\n';

/** The bytes of that. The text is encoded once, with room for the checksum of its bytes: every request's charge passes here. */
export function recordBytes(text: string): Buffer {
  const bytes = Buffer.from(text + NO_CHECKSUM);
  const end = bytes.byteLength - NO_CHECKSUM.length;
  bytes.write(checksumOf(bytes.subarray(0, end)), end + 1, 'latin1');
  return bytes;
}

/** What a file holds. `torn` counts lines that a crash left incomplete: they were never acknowledged. */
export function readRecords(file: Buffer): { readonly texts: readonly string[]; readonly torn: number } {
  const texts: string[] = [];
  let torn = 0;
  // Room that was never written is zeros, also between records when pages of one write reached the disk in another order. JSON has none.
  for (const line of file.toString('utf8').split(/[\n\0]+/)) {
    if (line === '') continue;
    const text = line.slice(0, -9);
    if (frameRecord(text) === `${line}\n`) texts.push(text);
    else torn += 1;
  }
  return { texts, torn };
}

/** Writes the first `length` bytes. A disk that fills up takes a part of them, and refuses the rest when it is asked again. */
async function writeAll(
  fd: number,
  bytes: Buffer,
  { length, offset }: { length: number; offset: number },
): Promise<void> {
  for (let done = 0; done < length; )
    done += (await writeAt(fd, bytes, done, length - done, offset + done)).bytesWritten;
}

async function syncDirectory(directory: PathLike): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** One preallocated file of a spool. Written once from front to back, removed when all its records are booked. */
export class Segment {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #size: number;
  #offset = 0;
  /** Records that are written and not yet booked. */
  pending = 0;

  private constructor(path: string, file: FileHandle, size: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
  }

  /** Makes the file with all its room, so that a full disk shows now and not in the middle of a charge. */
  static async create(path: string, size: number): Promise<Segment> {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      for (let offset = 0; offset < size; offset += ZEROS.byteLength)
        await writeAll(file.fd, ZEROS, { length: Math.min(ZEROS.byteLength, size - offset), offset });
      await file.sync();
      await syncDirectory(dirname(path));
    } catch (error) {
      await file.close();
      await rm(path, { force: true });
      throw error;
    }
    await file.close();
    return new Segment(path, await open(path, constants.O_RDWR | SYNC_FLAG), size);
  }

  /** Bytes that still fit. */
  get room(): number {
    return this.#size - this.#offset;
  }

  /** Appends; resolves when the bytes are on the disk. Never called again before it resolved. */
  async append(bytes: Buffer): Promise<void> {
    await writeAll(this.#file.fd, bytes, { length: bytes.byteLength, offset: this.#offset });
    if (SYNC_FLAG === 0) await this.#file.datasync();
    this.#offset += bytes.byteLength;
  }

  /** What a failed write left is uncertain: nothing is written after it. */
  abandon(): void {
    this.#offset = this.#size;
  }

  /** Ends writing; what is in the file stays. */
  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Forgets the file: everything in it is booked. */
  async remove(): Promise<void> {
    await this.#file.close();
    await rm(this.path, { force: true });
  }
}

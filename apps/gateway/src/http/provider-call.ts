import type { Dispatcher } from 'undici';
import type { Signal } from '../signal.ts';
import { BodyTooLarge } from './collect.ts';

/** Beyond so many unread bytes the provider's socket is paused: nobody's answer is held in memory. */
const UNREAD_BYTES_MAX = 16 * 1024;

/** A provider's answer whose body has not been read. Reading rejects on reset, cut or idle timeout. */
export interface ProviderResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The next bytes of the body, null after its end. One reader at a time. */
  readonly next: () => Promise<Uint8Array | null>;
  /** The rest of the body as text, refused beyond `bytesMax`. */
  readonly text: (bytesMax: number) => Promise<string>;
  /** The rest of the body as it is, refused beyond `bytesMax`. */
  readonly bytes: (bytesMax: number) => Promise<Uint8Array>;
  /** Throws the rest away and frees the connection. */
  readonly discard: () => void;
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): ProviderResponse['headers'] {
  const flat: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

class Cut extends Error {
  override readonly name = 'AbortError';
}

/**
 * One call on undici's dispatcher, its answer pulled by its reader: a stream object in between would cost more than the call itself. Never
 * throws into undici, and an error that nobody waits for any more is nobody's.
 */
export class ProviderCall implements Dispatcher.DispatchHandler {
  readonly #cut: Signal;
  readonly #head = Promise.withResolvers<ProviderResponse>();
  readonly #onCut = (): void => this.#stop(new Cut('the call was cut'));
  #controller: Dispatcher.DispatchController | null = null;
  #chunks: Uint8Array[] = [];
  #unreadBytes = 0;
  #isPaused = false;
  #isOver = false;
  #error: Error | null = null;
  #reader: PromiseWithResolvers<Uint8Array | null> | null = null;

  constructor(cut: Signal) {
    this.#cut = cut;
    cut.listen(this.#onCut);
  }

  /** Resolves when the provider's headers are there; rejects when they never come. */
  get response(): Promise<ProviderResponse> {
    return this.#head.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#error !== null) controller.abort(this.#error);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    // "Early hints" and the like are no answer.
    if (status < 200) return;
    this.#head.resolve({
      status,
      headers: flatten(headers),
      next: () => this.#next(),
      text: async (bytesMax) => (await this.#bytes(bytesMax)).toString('utf8'),
      bytes: (bytesMax) => this.#bytes(bytesMax),
      discard: () => this.#stop(new Cut('the rest is of no use')),
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    const reader = this.#reader;
    if (reader !== null) {
      this.#reader = null;
      reader.resolve(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#unreadBytes += chunk.byteLength;
    if (this.#unreadBytes <= UNREAD_BYTES_MAX || this.#isPaused) return;
    this.#isPaused = true;
    controller.pause();
  }

  onResponseEnd(): void {
    this.#finish(null);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish(this.#error ?? error);
  }

  #stop(error: Error): void {
    if (this.#isOver) return;
    this.#finish(error);
    this.#controller?.abort(error);
  }

  #finish(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#cut.forget(this.#onCut);
    if (error !== null) this.#head.reject(error);
    const reader = this.#reader;
    this.#reader = null;
    if (error === null) reader?.resolve(null);
    else reader?.reject(error);
  }

  /** Bytes that are there already. */
  #shift(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#unreadBytes -= chunk.byteLength;
    if (this.#isPaused && this.#unreadBytes === 0) this.#resume();
    return chunk;
  }

  #next(): Promise<Uint8Array | null> {
    const chunk = this.#shift();
    if (chunk !== undefined) return Promise.resolve(chunk);
    if (this.#error !== null) return Promise.reject(this.#error);
    if (this.#isOver) return Promise.resolve(null);
    this.#reader = Promise.withResolvers();
    return this.#reader.promise;
  }

  #resume(): void {
    this.#isPaused = false;
    this.#controller?.resume();
  }

  async #bytes(bytesMax: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    // An answer that came whole is there to its end when its headers are read.
    while (this.#chunks.length > 0 || !this.#isOver || this.#error !== null) {
      const chunk = this.#shift() ?? (await this.#next());
      if (chunk === null) break;
      size += chunk.byteLength;
      if (size > bytesMax) {
        this.#stop(new Cut('the answer is too large'));
        throw new BodyTooLarge(`more than ${bytesMax} bytes`);
      }
      chunks.push(chunk);
    }
    const [only] = chunks;
    const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

import type { Readable } from 'node:stream';

/** Thrown when a body is larger than allowed. */
export class BodyTooLarge extends RangeError {
  override readonly name = 'BodyTooLarge';
}

/**
 * All bytes of a stream. Rejects with BodyTooLarge as soon as there are more than `bytesMax` (the rest is left to the owner of the
 * stream), and as the stream does when it breaks. By events: an async iterator costs several times as much for the usual one chunk.
 */
export function collect(stream: Readable, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (settle: () => void): void => {
      stream.off('data', onData);
      stream.off('end', onEnd);
      stream.off('error', onError);
      stream.off('close', onClose);
      settle();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.byteLength;
      if (size <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      // Without a listener a flowing stream would go on and throw its bytes away.
      stream.pause();
      finish(() => reject(new BodyTooLarge(`more than ${bytesMax} bytes`)));
    };
    const onEnd = (): void =>
      finish(() => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size)));
    const onError = (error: Error): void => finish(() => reject(error));
    const onClose = (): void => finish(() => reject(new Error('the body ended too early')));
    stream.on('data', onData);
    stream.once('end', onEnd);
    stream.once('error', onError);
    stream.once('close', onClose);
  });
}

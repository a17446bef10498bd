import type { Readable } from 'node:stream';

/** Thrown when a body is larger than allowed. */
export class BodyTooLarge extends RangeError {
  override readonly name = 'BodyTooLarge';
}

/**
 * All bytes of a stream. Rejects with BodyTooLarge as soon as there are more than `bytesMax` (the rest is left to the owner of the
 * stream), and as the stream does when it breaks. By events: an async iterator costs several times as much for the usual one chunk.
 * The listeners stay, because what comes after the end has no effect, and taking each away costs as much as the rest.
 */
export function collect(stream: Readable, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.byteLength;
      if (size <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      // Without a listener a flowing stream would go on and throw its bytes away.
      stream.pause();
      stream.off('data', onData);
      reject(new BodyTooLarge(`more than ${bytesMax} bytes`));
    };
    stream.on('data', onData);
    stream.once('end', () => {
      // The stream may live on for as long as an answer takes; its bytes need not.
      const parts = chunks.splice(0);
      resolve(parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, size));
    });
    stream.once('error', reject);
    stream.once('close', () => {
      // An error takes its stack with it: none is made for a body that ended as it should.
      if (!stream.readableEnded) reject(new Error('the body ended too early'));
    });
  });
}

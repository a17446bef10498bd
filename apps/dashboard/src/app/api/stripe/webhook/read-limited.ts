import { AppError } from '@bourse/errors';

/** The bytes of a body of at most `bytesMax`; throws AppError `payload_too_large` as soon as there are more, reading no further. */
export async function readLimited(body: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > bytesMax) throw new AppError('payload_too_large', `The body has more than ${bytesMax} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

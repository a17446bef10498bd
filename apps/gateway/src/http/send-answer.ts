import type { ServerResponse } from 'node:http';
import type { Answer, StreamAnswer } from '../generate/request.ts';

/** Times in milliseconds that bound the sending of an answer. */
export interface SendTimes {
  /** A sign of life is sent when nothing was for so long, so that proxies keep the connection. */
  readonly keepAliveMs: number;
  /** A reader that takes nothing for so long is hung up on. */
  readonly stallMs: number;
}

/** Resolves true when the socket takes more (`drain`) or took all (`finish`), false when it closed or the reader stalled. */
function taken(outgoing: ServerResponse, event: 'drain' | 'finish', stallMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isOpen: boolean): void => {
      clearTimeout(timer);
      outgoing.off(event, onTaken);
      outgoing.off('close', onClose);
      resolve(isOpen);
    };
    const onTaken = (): void => finish(true);
    const onClose = (): void => finish(false);
    const timer = setTimeout(() => {
      outgoing.destroy();
      finish(false);
    }, stallMs);
    outgoing.once(event, onTaken);
    outgoing.once('close', onClose);
    if (outgoing.destroyed) finish(false);
  });
}

/** One piece of a body in HTTP/1.1's chunked coding. */
function chunkOf(text: string): string {
  return text === '' ? '' : `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

/**
 * How pieces of a body are written. Node hands the length, the text and two line ends of a chunk to the socket as four pieces; one string is
 * one write, and streams are made of little else. A client that does not know the coding gets the plain text.
 */
function bodyCoding(outgoing: ServerResponse): { readonly piece: (text: string) => string; readonly end: string } {
  if (!outgoing.chunkedEncoding) return { piece: (text) => text, end: '' };
  outgoing.chunkedEncoding = false;
  return { piece: chunkOf, end: '0\r\n\r\n' };
}

/** The last of it. What the socket does not take at once is waited for: a reader that stalls here must be let go as well. */
async function endWith(outgoing: ServerResponse, body: string | Uint8Array, times: SendTimes): Promise<void> {
  outgoing.end(body);
  if (outgoing.writableLength > 0 && !outgoing.destroyed) await taken(outgoing, 'finish', times.stallMs);
}

async function sendStream(outgoing: ServerResponse, answer: StreamAnswer, times: SendTimes): Promise<void> {
  const { chunks, keepAlive: sign } = answer;
  const { piece, end } = bodyCoding(outgoing);
  let isOpen = !outgoing.destroyed;
  const keepAlive = setInterval(() => {
    if (!outgoing.destroyed && !outgoing.writableNeedDrain) outgoing.write(piece(sign));
  }, times.keepAliveMs);
  // An answer that is there already takes the headers along in its first write.
  const headers = setImmediate(() => outgoing.flushHeaders());
  try {
    // Read to the end also when nobody listens any more: the end is where the generation is settled.
    for (let isOver = false; !isOver; ) {
      const next = await chunks.next();
      isOver = next.done === true;
      isOpen &&= !outgoing.destroyed;
      if (!isOpen) continue;
      keepAlive.refresh();
      if (next.done === true) await endWith(outgoing, piece(next.value.text) + end, times);
      else if (!outgoing.write(piece(next.value))) isOpen = await taken(outgoing, 'drain', times.stallMs);
    }
  } finally {
    clearImmediate(headers);
    clearInterval(keepAlive);
  }
}

/**
 * Writes an answer to a Node response: at the pace of its reader, never more than one chunk ahead of the socket's buffer.
 * Resolves when the last byte was handed to the socket or the reader is gone; a failure of the source destroys the socket.
 */
export async function sendAnswer(outgoing: ServerResponse, answer: Answer, times: SendTimes): Promise<void> {
  if (answer.kind === 'body') {
    // A string goes out in one write together with the head; a buffer would be a second one.
    outgoing.writeHead(200, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
    await endWith(outgoing, answer.body, times);
    return;
  }
  outgoing.writeHead(200, answer.headers);
  try {
    await sendStream(outgoing, answer, times);
  } catch (error) {
    outgoing.destroy();
    throw error;
  }
}

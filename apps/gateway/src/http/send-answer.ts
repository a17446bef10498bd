import type { ServerResponse } from 'node:http';
import type { Answer, StreamAnswer } from '../generate/request.ts';

/** A line that every SSE parser ignores. One newline only: some SDKs take a blank line after a comment for an empty event. */
const KEEP_ALIVE = ': BOURSE PROCESSING\n';

/** Times in milliseconds that bound the sending of an answer. */
export interface SendTimes {
  /** A comment is sent when nothing was for so long, so that proxies keep the connection. */
  readonly keepAliveMs: number;
  /** A reader that takes nothing for so long is hung up on. */
  readonly stallMs: number;
}

/** Resolves true when the socket takes more, false when it closed or the reader stalled. */
function drained(outgoing: ServerResponse, stallMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isOpen: boolean): void => {
      clearTimeout(timer);
      outgoing.off('drain', onDrain);
      outgoing.off('close', onClose);
      resolve(isOpen);
    };
    const onDrain = (): void => finish(true);
    const onClose = (): void => finish(false);
    const timer = setTimeout(() => {
      outgoing.destroy();
      finish(false);
    }, stallMs);
    outgoing.once('drain', onDrain);
    outgoing.once('close', onClose);
    if (outgoing.destroyed) finish(false);
  });
}

async function sendStream(outgoing: ServerResponse, chunks: StreamAnswer['chunks'], times: SendTimes): Promise<void> {
  let isOpen = !outgoing.destroyed;
  const keepAlive = setInterval(() => {
    if (!outgoing.destroyed && !outgoing.writableNeedDrain) outgoing.write(KEEP_ALIVE);
  }, times.keepAliveMs);
  try {
    // Read to the end also when nobody listens any more: the end is where the generation is settled.
    for (let isOver = false; !isOver; ) {
      const next = await chunks.next();
      isOver = next.done === true;
      isOpen &&= !outgoing.destroyed;
      if (!isOpen) continue;
      keepAlive.refresh();
      const hasRoom = outgoing.write(next.done === true ? next.value.text : next.value);
      if (!hasRoom) isOpen = await drained(outgoing, times.stallMs);
    }
    outgoing.end();
  } finally {
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
    outgoing.end(answer.body);
    return;
  }
  outgoing.writeHead(200, answer.headers);
  outgoing.flushHeaders();
  try {
    await sendStream(outgoing, answer.chunks, times);
  } catch (error) {
    outgoing.destroy();
    throw error;
  }
}

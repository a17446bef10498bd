import { nanodollars } from '@bourse/money';
import type { Answer, StreamEnd } from '../generate/request.ts';
import type { OpenedAnswer } from './sealed-answer.ts';

/** Pieces of about so many characters: a reader who is slow must not have all of it in his socket's buffer. */
const PIECE = 64 * 1024;

const ENDED = { isWhole: true, books: { charged: nanodollars(0n) } } as const;

/** The text of a stream that is there already. Cut between events only, so that no character is cut in two; nothing is charged for it. */
export async function* pieces(text: string): AsyncGenerator<string, StreamEnd> {
  let from = 0;
  while (text.length - from > PIECE) {
    const end = text.indexOf('\n\n', from + PIECE);
    if (end === -1) break;
    yield text.slice(from, end + 2);
    from = end + 2;
  }
  return { ...ENDED, text: text.slice(from) };
}

/** A stored answer once more, byte for byte, under the generation that it came from. Nothing is charged. */
export function replayAnswer(kept: OpenedAnswer): Answer {
  const headers = { ...kept.headers, 'idempotent-replayed': 'true' };
  return kept.kind === 'body'
    ? { ...ENDED, kind: 'body', headers, body: kept.body }
    : { kind: 'stream', headers, keepAlive: '', chunks: pieces(kept.body.toString('utf8')) }; // It is there at once.
}

import { expect, test } from 'vitest';
import { replayAnswer } from './replay-answer.ts';

async function read(text: string): Promise<{ pieces: string[]; last: string }> {
  const answer = replayAnswer({ kind: 'stream', headers: {}, body: Buffer.from(text) });
  if (answer.kind !== 'stream') throw new Error('expected a stream');
  const pieces: string[] = [];
  for (;;) {
    const next = await answer.chunks.next();
    if (next.done === true) return { pieces, last: next.value.text };
    pieces.push(next.value);
  }
}

test.each([0, 1, 3_000])(
  'a stream of %i events is given back whole, in pieces that end where events end',
  async (count) => {
    const text = Array.from({ length: count }, (_, index) => `data: {"n":${index},"t":"🙂${'x'.repeat(90)}"}\n\n`).join(
      '',
    );
    const { pieces, last } = await read(text);
    expect(pieces.join('') + last).toBe(text);
    for (const piece of pieces) {
      expect(piece.endsWith('\n\n')).toBe(true);
      expect(piece.length).toBeLessThan(80_000);
    }
  },
);

test('an event larger than a piece is not cut', async () => {
  const text = `data: ${'x'.repeat(300_000)}\n\ndata: [DONE]\n\n`;
  const { pieces, last } = await read(text);
  expect([...pieces, last]).toEqual([`data: ${'x'.repeat(300_000)}\n\n`, 'data: [DONE]\n\n']);
});

test('a replay is marked as one', () => {
  const answer = replayAnswer({
    kind: 'body',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from('{}'),
  });
  expect(answer).toMatchObject({
    body: Buffer.from('{}'),
    headers: { 'content-type': 'application/json', 'idempotent-replayed': 'true' },
  });
});

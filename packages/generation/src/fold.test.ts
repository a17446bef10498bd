import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FoldedBlock,
  type FoldedChoice,
  type FoldedGeneration,
  fold,
  foldedCalls,
  foldedReasoning,
  foldedText,
} from './fold.ts';
import type { GenerationEvent, ReasoningDelta } from './generation-event.ts';

const empty: FoldedChoice = {
  blocks: [],
  refusal: '',
  citations: [],
  images: [],
  audio: null,
  logprobs: null,
  finish: null,
};

const text = (block: number, piece: string, choice = 0): GenerationEvent => ({
  type: 'text-delta',
  choice,
  block,
  text: piece,
});

const thought = (block: number, fields: Partial<ReasoningDelta>): GenerationEvent => ({
  type: 'reasoning-delta',
  choice: 0,
  block,
  kind: 'text',
  text: '',
  format: 'unknown',
  ...fields,
});

function onlyChoice({ choices }: FoldedGeneration): FoldedChoice {
  const [choice] = choices;
  if (choice === undefined || choices.length !== 1) throw new Error(`${choices.length} choices`);
  return choice;
}

describe('fold', () => {
  test('an empty generation has no choice, no id and unknown usage', () => {
    expect(fold([])).toEqual({ upstreamId: null, choices: [], usage: null });
  });

  test('joins text, reasoning, refusal and the arguments of each call', () => {
    const folded = fold([
      thought(0, { text: 'a' }),
      thought(0, { text: 'b', signature: 's' }),
      text(1, 'c'),
      text(1, 'd'),
      { type: 'refusal-delta', choice: 0, text: 'e' },
      { type: 'refusal-delta', choice: 0, text: 'f' },
      { type: 'tool-call-start', choice: 0, block: 2, callId: 'x', name: 'f' },
      { type: 'tool-call-start', choice: 0, block: 3, callId: 'y', name: 'g' },
      { type: 'tool-call-delta', choice: 0, block: 3, argumentsText: '{}' },
      { type: 'tool-call-delta', choice: 0, block: 2, argumentsText: '{"a"' },
      { type: 'tool-call-delta', choice: 0, block: 2, argumentsText: ':1}' },
      { type: 'finish', choice: 0, reason: { unified: 'tool_calls', raw: 'tool_use' } },
    ]);
    expect(folded.choices).toEqual([
      {
        ...empty,
        blocks: [
          { type: 'reasoning', detail: { type: 'text', text: 'ab', signature: 's', format: 'unknown' } },
          { type: 'text', text: 'cd' },
          { type: 'tool-call', call: { callId: 'x', name: 'f', argumentsText: '{"a":1}' } },
          { type: 'tool-call', call: { callId: 'y', name: 'g', argumentsText: '{}' } },
        ],
        refusal: 'ef',
        finish: { unified: 'tool_calls', raw: 'tool_use' },
      },
    ]);
  });

  test('keeps alternatives apart, also when a later one speaks first', () => {
    const folded = fold([
      text(0, 'b', 1),
      { type: 'tool-call-start', choice: 0, block: 0, callId: 'x', name: 'f' },
      { type: 'tool-call-start', choice: 1, block: 1, callId: 'y', name: 'f' },
      { type: 'tool-call-delta', choice: 1, block: 1, argumentsText: '1' },
    ]);
    expect(folded.choices).toEqual([
      { ...empty, blocks: [{ type: 'tool-call', call: { callId: 'x', name: 'f', argumentsText: '' } }] },
      {
        ...empty,
        blocks: [
          { type: 'text', text: 'b' },
          { type: 'tool-call', call: { callId: 'y', name: 'f', argumentsText: '1' } },
        ],
      },
    ]);
  });

  test('orders alternatives by their index, not by when they spoke', () => {
    const { choices } = fold([text(0, 'c', 10), text(0, 'b', 2), text(0, 'a', 0)]);
    expect(choices.map(foldedText)).toEqual(['a', 'b', 'c']);
  });

  test('takes the id that the provider gave', () => {
    expect(fold([{ type: 'start', upstreamId: 'u-1' }, text(0, 'a')]).upstreamId).toBe('u-1');
  });

  test('usage is cumulative: the last one wins', () => {
    const folded = fold([
      { type: 'usage', usage: { input: 1, output: 1 } },
      { type: 'usage', usage: { input: 1, output: 7 } },
    ]);
    expect(folded.usage).toEqual({ input: 1, output: 7 });
  });

  test('a last word on usage that cannot be read makes the usage unknown', () => {
    const folded = fold([
      { type: 'usage', usage: { input: 1, output: 1 } },
      { type: 'usage', usage: null },
    ]);
    expect(folded.usage).toBeNull();
  });

  test('arguments for a call that never began are dropped, not glued to another', () => {
    const folded = fold([
      { type: 'tool-call-start', choice: 0, block: 0, callId: 'x', name: 'f' },
      { type: 'tool-call-delta', choice: 0, block: 9, argumentsText: 'lost' },
    ]);
    expect(foldedCalls(onlyChoice(folded))).toEqual([{ callId: 'x', name: 'f', argumentsText: '' }]);
  });

  test('arguments that name a block of text are dropped as well', () => {
    const folded = fold([text(0, 'a'), { type: 'tool-call-delta', choice: 0, block: 0, argumentsText: 'lost' }]);
    expect(onlyChoice(folded).blocks).toEqual([{ type: 'text', text: 'a' }]);
  });

  test('rejects with the error of the generation', () => {
    function* broken(): Generator<GenerationEvent> {
      yield text(0, 'a');
      throw new Error('reset');
    }
    expect(() => fold(broken())).toThrow('reset');
  });

  test('gives the same answer however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (pieces) => {
        const [choice] = fold(pieces.map((piece) => text(0, piece))).choices;
        expect(choice === undefined ? '' : foldedText(choice)).toBe(pieces.join(''));
      }),
    );
  });

  test('keeps a finish with the stop sequence that ended the answer', () => {
    const reason = { unified: 'stop', raw: 'stop_sequence', stopSequence: '###' } as const;
    expect(onlyChoice(fold([{ type: 'finish', choice: 0, reason }])).finish).toEqual(reason);
  });

  test('leaves the events as they were', () => {
    const events: GenerationEvent[] = [
      { type: 'audio-delta', choice: 0, id: 'a', base64: 'AA' },
      { type: 'audio-delta', choice: 0, base64: 'BB' },
      { type: 'logprobs', choice: 0, entries: [{ token: 'a' }] },
      { type: 'logprobs', choice: 0, entries: [{ token: 'b' }] },
      text(0, 'a'),
    ];
    const before = structuredClone(events);
    fold(events);
    expect(events).toEqual(before);
  });
});

describe('blocks', () => {
  test('stand in the order in which they began, also when their deltas are interleaved', () => {
    const folded = fold([
      thought(0, { text: 'think ' }),
      text(1, 'Hi '),
      { type: 'tool-call-start', choice: 0, block: 2, callId: 'c', name: 'f' },
      thought(3, { text: 'more' }),
      text(4, 'end'),
      { type: 'tool-call-delta', choice: 0, block: 2, argumentsText: '{}' },
      text(1, 'there'),
      thought(0, { text: 'hard', signature: 's' }),
    ]);
    expect(onlyChoice(folded).blocks).toEqual([
      { type: 'reasoning', detail: { type: 'text', text: 'think hard', signature: 's', format: 'unknown' } },
      { type: 'text', text: 'Hi there' },
      { type: 'tool-call', call: { callId: 'c', name: 'f', argumentsText: '{}' } },
      { type: 'reasoning', detail: { type: 'text', text: 'more', format: 'unknown' } },
      { type: 'text', text: 'end' },
    ]);
  });

  test('begin when they are first heard of: the numbers name them and do not sort them', () => {
    expect(onlyChoice(fold([text(5, 'first'), text(2, 'second')])).blocks).toEqual([
      { type: 'text', text: 'first' },
      { type: 'text', text: 'second' },
    ]);
  });

  test('keep the signature of text and of a call, which Gemini wants back', () => {
    const folded = fold([
      text(0, 'a'),
      { type: 'text-delta', choice: 0, block: 0, text: '', signature: 'late' },
      text(0, 'b'),
      { type: 'tool-call-start', choice: 0, block: 1, callId: 'c', name: 'f', signature: 'sig' },
      { type: 'tool-call-delta', choice: 0, block: 1, argumentsText: '{}' },
    ]);
    expect(onlyChoice(folded).blocks).toEqual([
      { type: 'text', text: 'ab', signature: 'late' },
      { type: 'tool-call', call: { callId: 'c', name: 'f', argumentsText: '{}', signature: 'sig' } },
    ]);
  });

  test('any interleaving gives every block its own text, in the order of the beginnings', () => {
    const deltas = fc.array(fc.tuple(fc.nat(4), fc.string({ maxLength: 3 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(deltas, (list) => {
        const { blocks } = onlyChoice(fold(list.map(([block, piece]) => text(block, piece))));
        const order = [...new Set(list.map(([block]) => block))];
        const joined = order.map((block): FoldedBlock => {
          const pieces = list.filter(([other]) => other === block).map(([, piece]) => piece);
          return { type: 'text', text: pieces.join('') };
        });
        expect(blocks).toEqual(joined);
      }),
    );
  });
});

describe('reasoning', () => {
  const detailsOf = (...events: GenerationEvent[]) => foldedReasoning(onlyChoice(fold(events)));

  test('joins text, and a signature that comes late and alone belongs to its block', () => {
    expect(
      detailsOf(
        thought(0, { text: 'a', format: 'anthropic-claude-v1' }),
        thought(0, { text: 'b', format: 'anthropic-claude-v1' }),
        text(1, 'answer'),
        thought(0, { signature: 'sig', format: 'anthropic-claude-v1' }),
      ),
    ).toEqual([{ type: 'text', text: 'ab', signature: 'sig', format: 'anthropic-claude-v1' }]);
  });

  test('a signature is not lost when more text follows it', () => {
    expect(detailsOf(thought(0, { signature: 'sig' }), thought(0, { text: 'a' }))).toEqual([
      { type: 'text', text: 'a', signature: 'sig', format: 'unknown' },
    ]);
  });

  test('an id that was told once stays', () => {
    expect(detailsOf(thought(0, { text: 'a', id: 'rs_1' }), thought(0, { text: 'b' }))).toEqual([
      { type: 'text', text: 'ab', id: 'rs_1', format: 'unknown' },
    ]);
  });

  test('a format that was told once stays: without it nobody could read the signature again', () => {
    expect(
      detailsOf(thought(0, { text: 'a', format: 'anthropic-claude-v1' }), thought(0, { signature: 'sig' })),
    ).toEqual([{ type: 'text', text: 'a', signature: 'sig', format: 'anthropic-claude-v1' }]);
  });

  test('joins a summary, and keeps an encrypted blob whole beside it', () => {
    const format = 'openai-responses-v1';
    expect(
      detailsOf(
        thought(0, { kind: 'summary', text: 'a', id: 'rs_1', format }),
        thought(0, { kind: 'summary', text: 'b', id: 'rs_1', format }),
        thought(1, { kind: 'encrypted', text: 'gAAA', id: 'rs_1', format }),
      ),
    ).toEqual([
      { type: 'summary', text: 'ab', id: 'rs_1', format },
      { type: 'encrypted', data: 'gAAA', id: 'rs_1', format },
    ]);
  });

  test('an encrypted blob comes whole: another of the same block takes its place and is not glued to it', () => {
    expect(
      detailsOf(thought(0, { kind: 'encrypted', text: 'one' }), thought(0, { kind: 'encrypted', text: 'two' })),
    ).toEqual([{ type: 'encrypted', data: 'two', format: 'unknown' }]);
  });

  test('is in the order of its making, around text and calls', () => {
    expect(
      detailsOf(
        thought(0, { text: 'before' }),
        { type: 'tool-call-start', choice: 0, block: 1, callId: 'c', name: 'f' },
        thought(2, { text: 'after' }),
      ).map((detail) => detail.type === 'text' && detail.text),
    ).toEqual(['before', 'after']);
  });
});

describe('what is not a block', () => {
  test('citations and images are kept in their order', () => {
    const citation = { url: 'https://a', title: 'A', content: 'said', start: 0, end: 4 };
    const other = { url: 'https://b', start: -1, end: -1 };
    const folded = fold([
      { type: 'citation', choice: 0, citation },
      { type: 'image', choice: 0, url: 'data:image/png;base64,AA' },
      { type: 'citation', choice: 0, citation: other },
      { type: 'image', choice: 0, url: 'data:image/png;base64,BB' },
    ]);
    expect(onlyChoice(folded)).toEqual({
      ...empty,
      citations: [citation, other],
      images: ['data:image/png;base64,AA', 'data:image/png;base64,BB'],
    });
  });

  test('sound and its transcript are put together, each from its own pieces', () => {
    const folded = fold([
      { type: 'audio-delta', choice: 0, id: 'audio_1' },
      { type: 'audio-delta', choice: 0, base64: 'AAAA', transcript: 'He' },
      { type: 'audio-delta', choice: 0, base64: 'BBBB' },
      { type: 'audio-delta', choice: 0, transcript: 'llo' },
      { type: 'audio-delta', choice: 0, expiresAtUnixSeconds: 1_786_000_000 },
      { type: 'audio-delta', choice: 0 },
    ]);
    expect(onlyChoice(folded).audio).toEqual({
      id: 'audio_1',
      base64: 'AAAABBBB',
      transcript: 'Hello',
      expiresAtUnixSeconds: 1_786_000_000,
    });
  });

  test('logprobs of all pieces are one list', () => {
    const folded = fold([
      { type: 'logprobs', choice: 0, entries: [{ token: 'a', logprob: -1 }] },
      { type: 'logprobs', choice: 0, entries: [{ token: 'b', logprob: -2 }, { token: 'c' }] },
    ]);
    expect(onlyChoice(folded).logprobs).toEqual([
      { token: 'a', logprob: -1 },
      { token: 'b', logprob: -2 },
      { token: 'c' },
    ]);
  });

  test('what belongs to one alternative does not show in another', () => {
    const { choices } = fold([
      { type: 'audio-delta', choice: 1, base64: 'AA' },
      { type: 'image', choice: 1, url: 'data:,x' },
      { type: 'refusal-delta', choice: 1, text: 'no' },
      { type: 'logprobs', choice: 1, entries: [{ token: 'a' }] },
      text(0, 'a'),
    ]);
    expect(choices[0]).toEqual({ ...empty, blocks: [{ type: 'text', text: 'a' }] });
  });
});

test('the readers of a choice take what is theirs and nothing else', () => {
  const choice = onlyChoice(
    fold([
      text(0, 'a'),
      thought(1, { text: 'r' }),
      { type: 'tool-call-start', choice: 0, block: 2, callId: 'c', name: 'f' },
      text(3, 'b'),
    ]),
  );
  expect(foldedText(choice)).toBe('ab');
  expect(foldedReasoning(choice)).toEqual([{ type: 'text', text: 'r', format: 'unknown' }]);
  expect(foldedCalls(choice)).toEqual([{ callId: 'c', name: 'f', argumentsText: '' }]);
  expect(foldedText(empty)).toBe('');
});

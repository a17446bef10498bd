import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold } from './fold.ts';
import type { Generation, GenerationEvent } from './generation-event.ts';

async function* generation(events: readonly GenerationEvent[], failure?: Error): Generation {
  yield* events;
  if (failure) throw failure;
}

const empty = { text: '', reasoning: '', refusal: '', signature: null, toolCalls: [], finish: null };

describe('fold', () => {
  test('an empty generation has no choice and unknown usage', async () => {
    expect(await fold(generation([]))).toEqual({ choices: [], usage: null });
  });

  test('joins text, reasoning, refusal and the arguments of each call', async () => {
    const folded = await fold(
      generation([
        { type: 'reasoning-delta', choice: 0, block: 0, text: 'a' },
        { type: 'reasoning-delta', choice: 0, block: 0, text: 'b', signature: 's' },
        { type: 'text-delta', choice: 0, block: 1, text: 'c' },
        { type: 'text-delta', choice: 0, block: 1, text: 'd' },
        { type: 'refusal-delta', choice: 0, text: 'e' },
        { type: 'tool-call-start', choice: 0, block: 2, callId: 'x', name: 'f' },
        { type: 'tool-call-start', choice: 0, block: 3, callId: 'y', name: 'g' },
        { type: 'tool-call-delta', choice: 0, block: 3, argumentsText: '{}' },
        { type: 'tool-call-delta', choice: 0, block: 2, argumentsText: '{"a"' },
        { type: 'tool-call-delta', choice: 0, block: 2, argumentsText: ':1}' },
        { type: 'finish', choice: 0, reason: { unified: 'tool_calls', raw: 'tool_use' } },
      ]),
    );
    expect(folded.choices).toEqual([
      {
        text: 'cd',
        reasoning: 'ab',
        refusal: 'e',
        signature: 's',
        toolCalls: [
          { callId: 'x', name: 'f', argumentsText: '{"a":1}' },
          { callId: 'y', name: 'g', argumentsText: '{}' },
        ],
        finish: { unified: 'tool_calls', raw: 'tool_use' },
      },
    ]);
  });

  test('keeps alternatives apart, also when a later one speaks first', async () => {
    const folded = await fold(
      generation([
        { type: 'text-delta', choice: 1, block: 0, text: 'b' },
        { type: 'tool-call-start', choice: 0, block: 0, callId: 'x', name: 'f' },
        { type: 'tool-call-start', choice: 1, block: 0, callId: 'y', name: 'f' },
        { type: 'tool-call-delta', choice: 1, block: 0, argumentsText: '1' },
      ]),
    );
    expect(folded.choices).toEqual([
      { ...empty, toolCalls: [{ callId: 'x', name: 'f', argumentsText: '' }] },
      { ...empty, text: 'b', toolCalls: [{ callId: 'y', name: 'f', argumentsText: '1' }] },
    ]);
  });

  test('usage is cumulative: the last one wins', async () => {
    const folded = await fold(
      generation([
        { type: 'usage', usage: { input: 1, output: 1 } },
        { type: 'usage', usage: { input: 1, output: 7 } },
      ]),
    );
    expect(folded.usage).toEqual({ input: 1, output: 7 });
  });

  test('arguments for a call that never began are dropped, not glued to another', async () => {
    const folded = await fold(
      generation([
        { type: 'tool-call-start', choice: 0, block: 0, callId: 'x', name: 'f' },
        { type: 'tool-call-delta', choice: 0, block: 9, argumentsText: 'lost' },
      ]),
    );
    expect(folded.choices[0]?.toolCalls).toEqual([{ callId: 'x', name: 'f', argumentsText: '' }]);
  });

  test('rejects with the error of the generation', async () => {
    const events: GenerationEvent[] = [{ type: 'text-delta', choice: 0, block: 0, text: 'a' }];
    await expect(fold(generation(events, new Error('reset')))).rejects.toThrow('reset');
  });

  test('gives the same answer however the text is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme' })), async (pieces) => {
        const events = pieces.map((text): GenerationEvent => ({ type: 'text-delta', choice: 0, block: 0, text }));
        const { choices } = await fold(generation(events));
        expect(choices[0]?.text ?? '').toBe(pieces.join(''));
      }),
    );
  });
});

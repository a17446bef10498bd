import { isJsonObject, type JsonObject } from '@bourse/generation';
import { anthropicMessages, type ConversationForm, openaiChat, openaiResponses } from '@bourse/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutMiddle, dropOrder, middleOut, unitsOf } from './middle-out.ts';

function formOf(wire: { readonly conversation?: ConversationForm }): ConversationForm {
  if (wire.conversation === undefined) throw new Error('no form');
  return wire.conversation;
}

type Step = { readonly say: 'user' | 'assistant' | 'tools'; readonly calls: number };

const step: fc.Arbitrary<Step> = fc.record({
  say: fc.constantFrom('user', 'assistant', 'tools'),
  calls: fc.integer({ min: 1, max: 3 }),
});
const steps = fc.array(step, { minLength: 1, maxLength: 30 });

/** The same conversation in each dialect; every turn is numbered in its text. */
const dialects: Readonly<Record<string, { form: ConversationForm; write: (list: readonly Step[]) => JsonObject[] }>> = {
  chat: {
    form: formOf(openaiChat),
    write: (list) => [
      { role: 'system', content: 'rules' },
      ...list.flatMap(({ say, calls }, turn): JsonObject[] => {
        if (say !== 'tools') return [{ role: say, content: `turn ${turn}` }];
        const ids = Array.from({ length: calls }, (_, index) => `call_${turn}_${index}`);
        return [
          {
            role: 'assistant',
            content: null,
            tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
          },
          ...ids.map((id) => ({ role: 'tool', tool_call_id: id, content: `turn ${turn}` })),
        ];
      }),
    ],
  },
  responses: {
    form: formOf(openaiResponses),
    write: (list) => [
      { role: 'developer', content: 'rules' },
      ...list.flatMap(({ say, calls }, turn): JsonObject[] => {
        if (say !== 'tools') return [{ role: say, content: `turn ${turn}` }];
        const ids = Array.from({ length: calls }, (_, index) => `call_${turn}_${index}`);
        return [
          { type: 'reasoning', summary: [{ text: `turn ${turn}` }] },
          ...ids.map((id) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' })),
          ...ids.map((id) => ({ type: 'function_call_output', call_id: id, output: `turn ${turn}` })),
        ];
      }),
    ],
  },
  messages: {
    form: formOf(anthropicMessages),
    write: (list) =>
      list.flatMap(({ say, calls }, turn): JsonObject[] => {
        if (say !== 'tools') return [{ role: say, content: `turn ${turn}` }];
        const ids = Array.from({ length: calls }, (_, index) => `call_${turn}_${index}`);
        return [
          { role: 'assistant', content: ids.map((id) => ({ type: 'tool_use', id, name: 'f', input: {} })) },
          {
            role: 'user',
            content: ids.map((id) => ({ type: 'tool_result', tool_use_id: id, content: `turn ${turn}` })),
          },
        ];
      }),
  },
};

describe.each(Object.entries(dialects))('%s', (_name, { form, write }) => {
  const turnsOf = (list: readonly Step[]) => form.turns(form.withTurns({}, write(list)));

  test('what is left fits, in its order, or all that may go is gone', () => {
    fc.assert(
      fc.property(steps, fc.nat({ max: 200 }), (list, room) => {
        const turns = turnsOf(list);
        const sizes = turns.map((_, index) => (index % 5) + 1);
        const { kept, isFitting } = middleOut(turns, sizes, room);
        expect(kept).toEqual([...kept].sort((a, b) => a - b));
        const size = kept.reduce((sum, index) => sum + (sizes[index] ?? 0), 0);
        if (isFitting) expect(size).toBeLessThanOrEqual(room);
        else
          expect(kept.length).toBe(
            unitsOf(turns)
              .filter(({ isPinned }) => isPinned)
              .reduce((sum, { from, to }) => sum + to - from, 0),
          );
      }),
    );
  });

  test('no call loses its answers and no answer its call', () => {
    fc.assert(
      fc.property(steps, fc.nat({ max: 100 }), (list, room) => {
        const turns = turnsOf(list);
        const left = middleOut(
          turns,
          turns.map(() => 3),
          room,
        ).kept.flatMap((index) => turns[index] ?? []);
        const calls = left.flatMap((turn) => turn.calls);
        expect([...left.flatMap((turn) => turn.results)].sort()).toEqual([...calls].sort());
        for (const [index, turn] of left.entries()) {
          if (turn.isJoined) expect(turns.indexOf(left[index + 1] ?? turn)).toBe(turns.indexOf(turn) + 1);
        }
      }),
    );
  });

  test('the system’s words, the first turn, the user’s last one and the last of all stay', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const turns = turnsOf(list);
        const { kept } = middleOut(
          turns,
          turns.map(() => 1),
          0,
        );
        const pinned = [
          ...turns.flatMap(({ role }, index) => (role === 'system' ? [index] : [])),
          turns.findIndex(({ role }) => role !== 'system'),
          turns.findLastIndex(({ role }) => role === 'user'),
          turns.length - 1,
        ].filter((index) => index >= 0);
        for (const index of pinned) expect(kept).toContain(index);
      }),
    );
  });

  test('what fits is left alone', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const turns = turnsOf(list);
        expect(
          middleOut(
            turns,
            turns.map(() => 1),
            turns.length,
          ),
        ).toEqual({
          kept: turns.map((_, index) => index),
          isFitting: true,
        });
      }),
    );
  });

  test('texts are changed wherever they are, and nothing else is', () => {
    for (const item of write([
      { say: 'user', calls: 1 },
      { say: 'tools', calls: 1 },
    ])) {
      const changed = form.mapTexts(item, (text) => text.toUpperCase());
      expect(JSON.stringify(changed).toLowerCase()).toBe(JSON.stringify(item).toLowerCase());
      const text = JSON.stringify(item);
      if (text.includes('"turn') && !text.includes('reasoning')) expect(JSON.stringify(changed)).toContain('TURN');
      expect(isJsonObject(changed)).toBe(true);
    }
  });
});

test('the middle goes first', () => {
  const turns = Array.from({ length: 9 }, (_, index) => ({
    item: index,
    role: 'assistant' as const,
    calls: [],
    results: [],
    isJoined: false,
  }));
  expect(dropOrder(unitsOf(turns))).toEqual([4, 3, 5, 2, 6, 1, 7]);
  expect(
    middleOut(
      turns,
      turns.map(() => 1),
      6,
    ).kept,
  ).toEqual([0, 1, 2, 6, 7, 8]);
});

test('a long text keeps its head and its tail, and no character is cut in two', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 500, maxLength: 3000 }),
      fc.integer({ min: 16, max: 400 }),
      (text, length) => {
        const cut = cutMiddle(text, length);
        if (text.length <= length + 64) expect(cut).toBe(text);
        else expect(cut.length).toBeLessThanOrEqual(length + 64);
        expect(cut.isWellFormed()).toBe(true);
        expect(text.startsWith(cut.slice(0, Math.floor(length / 2) - 1))).toBe(true);
      },
    ),
  );
});

import { fold } from '@bourse/generation';
import { expect, test } from 'vitest';
import { openaiChat } from './index.ts';

const prompt = openaiChat.decodePrompt({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }] });
const found = [
  { title: 'Seas', url: 'https://seas.example', date: '2026-01-01' },
  { title: '', url: 'https://salt.example' },
];
const expected = [
  { url: 'https://seas.example', title: 'Seas', start: -1, end: -1 },
  { url: 'https://salt.example', start: -1, end: -1 },
];

test('sources beside the choices are told once, however many chunks repeat them', () => {
  const decoder = openaiChat.createDecoder(prompt);
  const chunk = (content: string) => ({
    event: null,
    data: JSON.stringify({
      choices: [{ index: 0, delta: { content } }],
      search_results: found,
      citations: ['https://x'],
    }),
  });
  const events = [chunk('a'), chunk('b')].flatMap((event) => decoder.push(event).events);
  expect(fold(events).choices[0]?.citations).toEqual(expected);
});

test('a whole answer tells them, too, and bare addresses where there is no more', () => {
  const choices = [{ index: 0, message: { content: 'a' }, finish_reason: 'stop' }];
  const told = (body: object) => fold(openaiChat.decodeBody({ choices, ...body }, prompt).events).choices[0]?.citations;
  expect(told({ search_results: found })).toEqual(expected);
  expect(told({ citations: ['https://seas.example'] })).toEqual([{ url: 'https://seas.example', start: -1, end: -1 }]);
});

test.each([[null], [7], ['text'], [[null, 7, {}, { url: 3 }, { url: '' }]]])(
  '%j is no list of sources',
  (citations) => {
    const choices = [{ index: 0, message: { content: 'a' }, finish_reason: 'stop' }];
    const { events, failure } = openaiChat.decodeBody({ choices, search_results: citations, citations }, prompt);
    expect(failure).toBeNull();
    expect(fold(events).choices[0]?.citations).toEqual([]);
  },
);

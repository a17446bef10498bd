import { expect, test } from 'vitest';
import { openaiChat } from './openai-chat/index.ts';
import { decodeError } from './provider-failure.ts';
import { wordTable } from './word-table.ts';

const STRANGE = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

test.each(STRANGE)('%s is in no table that does not name it', (word) => {
  expect(wordTable({ stop: 1 }).get(word)).toBeUndefined();
});

test.each(STRANGE)('a provider that ends an answer with the word %s has ended it', (word) => {
  const decoder = openaiChat.createDecoder(
    openaiChat.decodePrompt({ model: 'a/b', messages: [{ role: 'user', content: 'Hi' }] }),
  );
  const data = JSON.stringify({ choices: [{ index: 0, delta: { content: 'x' }, finish_reason: word }] });
  expect(decoder.push({ event: null, data }).events.at(-1)).toEqual({
    type: 'finish',
    choice: 0,
    reason: { unified: 'stop', raw: word },
  });
});

test.each(STRANGE)('a provider whose error has the code %s is classified by its status', (word) => {
  expect(decodeError(429, JSON.stringify({ error: { message: 'no', code: word } }), {}).kind).toBe('rate_limited');
});

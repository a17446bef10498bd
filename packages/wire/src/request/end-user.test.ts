import { expect, test } from 'vitest';
import { openaiChat } from '../openai-chat/index.ts';
import { withEndUserDisguised } from './end-user.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const disguise = (name: string) => `x-${name.length}`;
const decode = (fields: object) => openaiChat.decodePrompt({ model: 'a/b', messages, ...fields });
const target = { upstreamModel: 'b', isStreamed: false, outputTokensMax: null, endpointOutputTokensMax: null };

test('a prompt that names nobody stays the same object', () => {
  const prompt = decode({ metadata: { team: 'a' } });
  expect(withEndUserDisguised(prompt, disguise)).toBe(prompt);
});

test('whoever is named is disguised in the hub and in the body that is forwarded, and nothing else changes', () => {
  const prompt = decode({
    user: 'ann@example.com',
    safety_identifier: 'ann',
    metadata: { user_id: 'annie', team: 'a' },
  });
  const disguised = withEndUserDisguised(prompt, disguise);
  expect(disguised.endUser).toBe('x-15');
  expect(openaiChat.encodePrompt(disguised, target)).toEqual({
    model: 'b',
    messages,
    user: 'x-15',
    safety_identifier: 'x-3',
    metadata: { user_id: 'x-5', team: 'a' },
  });
  expect(prompt.source.body).toMatchObject({ user: 'ann@example.com' });
});

test('fields that hold no text are left to the dialect that checks them', () => {
  const prompt = decode({ user: null });
  expect(withEndUserDisguised(prompt, disguise)).toBe(prompt);
});

import { expect, test } from 'vitest';
import { createChatStorage, takeChatKeys } from './chat-storage.ts';
import { type Conversation, newAnswer, promptFor, titleFrom } from './conversation.ts';

/** A browser's storage with room for so many characters. */
class Shelf implements Storage {
  readonly #items = new Map<string, string>();
  readonly #room: number;
  constructor(room = Number.POSITIVE_INFINITY) {
    this.#room = room;
  }
  get length() {
    return this.#items.size;
  }
  key(index: number) {
    return [...this.#items.keys()][index] ?? null;
  }
  getItem(key: string) {
    return this.#items.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    if (value.length > this.#room) throw new DOMException('full', 'QuotaExceededError');
    this.#items.set(key, value);
  }
  removeItem(key: string) {
    this.#items.delete(key);
  }
  clear() {
    this.#items.clear();
  }
}

const conversation = (id: string, updatedAtMs: number, changes: Partial<Conversation> = {}): Conversation => ({
  id,
  title: `Conversation ${id}`,
  model: 'acme/one',
  settings: { system: '', temperature: null, tokensMax: null },
  messages: [{ id: 'q1', role: 'user', text: 'Hello' }],
  createdAtMs: 1,
  updatedAtMs,
  ...changes,
});

test('conversations come back newest first, each organization its own', () => {
  const shelf = new Shelf();
  const storage = createChatStorage(shelf, 'org_1');
  storage.save(conversation('a', 1));
  storage.save(conversation('b', 2));
  createChatStorage(shelf, 'org_2').save(conversation('c', 3));
  expect(storage.list().map(({ id }) => id)).toEqual(['b', 'a']);
  storage.remove('b');
  expect(storage.list().map(({ id }) => id)).toEqual(['a']);
});

test('what is damaged or of another form is left out and breaks nothing', () => {
  const shelf = new Shelf();
  const storage = createChatStorage(shelf, 'org_1');
  storage.save(conversation('a', 1));
  shelf.setItem('bourse.chat.org_1.conversation.b', '{"id":"b"');
  shelf.setItem('bourse.chat.org_1.conversation.c', '{"id":"c","messages":"none"}');
  expect(storage.list().map(({ id }) => id)).toEqual(['a']);
});

test('an answer that was cut by closing the window is a stopped one', () => {
  const storage = createChatStorage(new Shelf(), 'org_1');
  storage.save(conversation('a', 1, { messages: [{ ...newAnswer('a1', 'acme/one'), text: 'Half' }] }));
  expect(storage.list()[0]?.messages[0]).toMatchObject({ text: 'Half', state: 'stopped' });
});

test('a full storage is said, not thrown', () => {
  expect(createChatStorage(new Shelf(10), 'org_1').save(conversation('a', 1))).toBe(false);
});

test('signing out takes the keys of every organization, says which of them the chat made, and leaves the conversations', () => {
  const shelf = new Shelf();
  const [one, other] = [createChatStorage(shelf, 'org_1'), createChatStorage(shelf, 'org_2')];
  one.setChatKey({ apiKey: 'sk-1', id: 'key_1' });
  other.setChatKey({ apiKey: 'sk-2', id: null });
  one.save(conversation('a', 1));
  expect(takeChatKeys(shelf)).toEqual(['key_1']);
  expect([one.chatKey(), other.chatKey(), one.list().length]).toEqual([null, null, 1]);
});

test('a model is sent what was said before its answer, without empty messages, after the system prompt', () => {
  const said = conversation('a', 1, {
    settings: { system: 'Be brief.', temperature: null, tokensMax: null },
    messages: [
      { id: 'q1', role: 'user', text: 'One' },
      { ...newAnswer('a1', 'm'), state: 'failed' },
      { id: 'q2', role: 'user', text: 'Two' },
      newAnswer('a2', 'm'),
      { id: 'q3', role: 'user', text: 'Three' },
    ],
  });
  expect(promptFor(said, 'a2')).toEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'One' },
    { role: 'user', content: 'Two' },
  ]);
});

test('a title is one line, cut at a word', () => {
  expect(titleFrom('  What is\na bourse? ')).toBe('What is a bourse?');
  expect(titleFrom('')).toBe('New conversation');
  const long = titleFrom('word '.repeat(40));
  expect(long.length).toBeLessThanOrEqual(61);
  expect(long).toMatch(/word…$/);
});

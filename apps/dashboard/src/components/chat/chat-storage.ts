import * as z from 'zod/mini';
import type { Conversation } from './conversation.ts';

const stats = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  costUsd: z.nullable(z.string()),
  firstWordMs: z.nullable(z.number()),
  writingMs: z.nullable(z.number()),
});

const answer = z.object({
  id: z.string(),
  role: z.literal('assistant'),
  model: z.string(),
  generationId: z.nullable(z.string()),
  text: z.string(),
  reasoning: z.string(),
  state: z.enum(['writing', 'done', 'stopped', 'failed']),
  stats: z.nullable(stats),
  failure: z.nullable(z.object({ message: z.string(), status: z.nullable(z.number()) })),
});

const question = z.object({ id: z.string(), role: z.literal('user'), text: z.string() });

const stored = z.object({
  id: z.string(),
  title: z.string(),
  model: z.string(),
  settings: z.object({
    system: z.string(),
    temperature: z.nullable(z.number()),
    tokensMax: z.nullable(z.number()),
  }),
  messages: z.array(z.discriminatedUnion('role', [question, answer])),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
});

const storedKey = z.object({ apiKey: z.string(), id: z.nullable(z.string()) });

/** The key that the chat calls with. `id` is known of keys that the chat made: they end with the session; others are their owner's. */
export type ChatKey = z.infer<typeof storedKey>;

/** What the chat keeps in the browser. Nothing of it is ever sent anywhere but to the API, one prompt at a time. */
export type ChatStorage = {
  /** Newest first. What cannot be read is left alone and out of the list. */
  list: () => readonly Conversation[];
  /** False when the browser has no room left. */
  save: (conversation: Conversation) => boolean;
  remove: (id: string) => void;
  chatKey: () => ChatKey | null;
  setChatKey: (key: ChatKey | null) => void;
};

/** Where everything of the chat begins, so that signing out can take the keys away. */
const PREFIX = 'bourse.chat';

/**
 * The chat's part of a browser's storage. `scope` is the organization: its people share no browser profile with others by accident.
 * Each conversation has a place of its own, so that two windows do not overwrite one another's.
 */
export function createChatStorage(storage: Storage, scope: string): ChatStorage {
  const place = `${PREFIX}.${scope}`;
  const conversationPlace = (id: string) => `${place}.conversation.${id}`;
  return {
    list: () =>
      placesIn(storage)
        .filter((key) => key.startsWith(conversationPlace('')))
        .flatMap((key) => readConversation(storage.getItem(key)) ?? [])
        .sort((a, b) => b.updatedAtMs - a.updatedAtMs),
    save: (conversation) => write(storage, conversationPlace(conversation.id), JSON.stringify(conversation)),
    remove: (id) => storage.removeItem(conversationPlace(id)),
    chatKey: () => readKey(storage.getItem(`${place}.key`)),
    setChatKey: (key) => {
      if (key === null) storage.removeItem(`${place}.key`);
      else write(storage, `${place}.key`, JSON.stringify(key));
    },
  };
}

/** Takes every chat key out of the browser, for whoever signs out, and answers the ids of those that should end. Conversations stay. */
export function takeChatKeys(storage: Storage): readonly string[] {
  const places = placesIn(storage).filter((key) => key.startsWith(`${PREFIX}.`) && key.endsWith('.key'));
  const ids = places.flatMap((key) => readKey(storage.getItem(key))?.id ?? []);
  for (const key of places) storage.removeItem(key);
  return ids;
}

function readKey(text: string | null): ChatKey | null {
  try {
    return storedKey.safeParse(JSON.parse(text ?? '')).data ?? null;
  } catch {
    return null; // Nothing there, or nothing of ours.
  }
}

function placesIn(storage: Storage): readonly string[] {
  return Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
}

function write(storage: Storage, key: string, text: string): boolean {
  try {
    storage.setItem(key, text);
    return true;
  } catch {
    return false; // Full, or forbidden by the browser: the caller says so.
  }
}

function readConversation(text: string | null): Conversation | null {
  try {
    const parsed = stored.safeParse(JSON.parse(text ?? ''));
    return parsed.success ? settled(parsed.data) : null;
  } catch {
    return null; // Not ours, or cut in the middle.
  }
}

/** An answer that was being written when the window closed will not go on. */
function settled(conversation: Conversation): Conversation {
  const messages = conversation.messages.map((message) =>
    message.role === 'assistant' && message.state === 'writing' ? { ...message, state: 'stopped' as const } : message,
  );
  return { ...conversation, messages };
}

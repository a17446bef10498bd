'use client';

import { useEffect, useRef, useState } from 'react';
import { type ChatKey, type ChatStorage, createChatStorage } from './chat-storage.ts';
import type { Conversation } from './conversation.ts';

/** The conversations of this browser, newest first. */
export type Conversations = {
  /** False until the browser's storage has been read, which the server cannot do. */
  isReady: boolean;
  all: readonly Conversation[];
  find: (id: string) => Conversation | undefined;
  /** Shows a conversation in its new state; `keep` also writes it down. */
  put: (conversation: Conversation, options: { keep: boolean }) => void;
  remove: (id: string) => void;
  /** False after the browser had no room for the last one. */
  hasRoom: boolean;
  chatKey: ChatKey | null;
  setChatKey: (key: ChatKey | null) => void;
};

/** Reads and writes the browser's storage of one organization. */
export function useConversations(scope: string): Conversations {
  const storage = useRef<ChatStorage | null>(null);
  // Answers grow outside of rendering, so the newest list is at hand there too.
  const latest = useRef<readonly Conversation[]>([]);
  const [all, setAll] = useState<readonly Conversation[]>([]);
  const [isReady, setIsReady] = useState(false);
  const [hasRoom, setHasRoom] = useState(true);
  const [chatKey, setKey] = useState<ChatKey | null>(null);

  function show(next: readonly Conversation[]) {
    latest.current = next;
    setAll(next);
  }

  useEffect(() => {
    storage.current = createChatStorage(window.localStorage, scope);
    latest.current = storage.current.list();
    setAll(latest.current);
    setKey(storage.current.chatKey());
    setIsReady(true);
  }, [scope]);

  return {
    isReady,
    all,
    hasRoom,
    chatKey,
    find: (id) => latest.current.find((conversation) => conversation.id === id),
    put: (conversation, { keep }) => {
      const others = latest.current.filter(({ id }) => id !== conversation.id);
      show([conversation, ...others].sort((a, b) => b.updatedAtMs - a.updatedAtMs));
      if (keep) setHasRoom(storage.current?.save(conversation) ?? false);
    },
    remove: (id) => {
      storage.current?.remove(id);
      show(latest.current.filter((conversation) => conversation.id !== id));
      setHasRoom(true);
    },
    setChatKey: (next) => {
      storage.current?.setChatKey(next);
      setKey(next);
    },
  };
}

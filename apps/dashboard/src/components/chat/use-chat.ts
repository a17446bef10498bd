'use client';

import { randomBase62 } from '@bourse/ids';
import { useEffect, useRef, useState } from 'react';
import { currentTime } from '../../clock.ts';
import {
  type Answer,
  type ChatSettings,
  type Conversation,
  newAnswer,
  promptFor,
  titleFrom,
  withAnswer,
} from './conversation.ts';
import { runAnswer } from './run-answer.ts';
import { type Conversations, useConversations } from './use-conversations.ts';

/** What a conversation is begun with, and what the running one has. */
export type ChatSetup = { model: string; settings: ChatSettings };

/** The chat as its components use it. */
export type Chat = {
  conversations: Conversations;
  /** Null while nothing has been said in a new conversation. */
  current: Conversation | null;
  setup: ChatSetup;
  /** An answer is being written, here or in another conversation. */
  isWriting: boolean;
  open: (id: string | null) => void;
  change: (setup: Partial<ChatSetup>) => void;
  rename: (id: string, title: string) => void;
  remove: (id: string) => void;
  send: (text: string) => void;
  /** Writes an answer again, and forgets what came after it. */
  retry: (answerId: string) => void;
  stop: () => void;
};

const noSettings: ChatSettings = { system: '', temperature: null, tokensMax: null };
const nowMs = () => currentTime().getTime();

/** Everything that the chat does. State lives in this browser; the only thing that leaves it is the prompt of the next answer. */
export function useChat(options: { scope: string; startModel: string }): Chat {
  const conversations = useConversations(options.scope);
  const writer = useWriter(conversations);
  const [currentId, setCurrentId] = useState<string | null>(null);
  const [draft, setDraft] = useState<ChatSetup>({ model: options.startModel, settings: noSettings });
  const current = conversations.all.find(({ id }) => id === currentId) ?? null;
  const setup = current ?? draft;

  function send(text: string) {
    const base = current ?? newConversation(text, draft);
    const answer = newAnswer(randomBase62(12), base.model);
    const messages = [...base.messages, { id: randomBase62(12), role: 'user' as const, text }, answer];
    setCurrentId(base.id);
    writer.write({ ...base, messages, updatedAtMs: nowMs() }, answer);
  }

  function retry(answerId: string) {
    // Looked up now: answers that are done are drawn once, so the call may come from an old drawing.
    const conversation = currentId === null ? undefined : conversations.find(currentId);
    const at = conversation?.messages.findIndex(({ id }) => id === answerId) ?? -1;
    if (conversation === undefined || at === -1) return;
    const answer = newAnswer(randomBase62(12), conversation.model);
    const messages = [...conversation.messages.slice(0, at), answer];
    writer.write({ ...conversation, messages, updatedAtMs: nowMs() }, answer);
  }

  return {
    conversations,
    current,
    setup: { model: setup.model, settings: setup.settings },
    isWriting: writer.isWriting,
    open: setCurrentId,
    change: (next) => {
      if (current) conversations.put({ ...current, ...next }, { keep: true });
      setDraft({ ...draft, ...next });
    },
    rename: (id, title) => {
      const conversation = conversations.find(id);
      if (conversation) conversations.put({ ...conversation, title: titleFrom(title) }, { keep: true });
    },
    remove: (id) => {
      if (writer.conversationId === id) writer.stop();
      conversations.remove(id);
      if (currentId === id) setCurrentId(null);
    },
    send,
    retry,
    stop: writer.stop,
  };
}

function newConversation(firstText: string, { model, settings }: ChatSetup): Conversation {
  const atMs = nowMs();
  return {
    id: randomBase62(12),
    title: titleFrom(firstText),
    model,
    settings,
    messages: [],
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
}

type Writer = {
  isWriting: boolean;
  conversationId: string | null;
  write: (conversation: Conversation, answer: Answer) => void;
  stop: () => void;
};

/** Writes one answer at a time into its conversation, however the person moves about meanwhile. */
function useWriter(conversations: Conversations): Writer {
  const [conversationId, setConversationId] = useState<string | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  async function write(conversation: Conversation, answer: Answer) {
    const { chatKey } = conversations;
    if (chatKey === null || abort.current !== null) return;
    const controller = new AbortController();
    abort.current = controller;
    setConversationId(conversation.id);
    conversations.put(conversation, { keep: true });
    const show = (next: Answer, keep: boolean) => {
      // Deleted meanwhile: what is still being written is nobody's.
      const latest = conversations.find(conversation.id);
      if (latest)
        conversations.put(
          withAnswer(latest, next.id, () => next),
          { keep },
        );
    };
    const grow = oncePerFrame((next: Answer) => show(next, false));
    const { model, settings } = conversation;
    const { temperature, tokensMax } = settings;
    const call = {
      apiKey: chatKey.apiKey,
      model,
      temperature,
      tokensMax,
      messages: promptFor(conversation, answer.id),
    };
    const end = await runAnswer(answer, call, {
      fetch: (...request) => window.fetch(...request),
      signal: controller.signal,
      origin: window.location.origin,
      now: () => performance.now(),
      onChange: grow.call,
    });
    grow.cancel();
    show(end, true);
    abort.current = null;
    setConversationId(null);
  }

  return {
    isWriting: conversationId !== null,
    conversationId,
    // Every end is a state of the answer, so there is nothing to await.
    write: (conversation, answer) => void write(conversation, answer),
    stop: () => abort.current?.abort(),
  };
}

/** Calls at most once per drawn frame, with the newest value: a fast model sends more words than a screen can show. */
function oncePerFrame<Value>(act: (value: Value) => void) {
  let frame: number | null = null;
  let newest: { value: Value } | null = null;
  return {
    call: (value: Value) => {
      newest = { value };
      frame ??= requestAnimationFrame(() => {
        frame = null;
        if (newest) act(newest.value);
      });
    },
    cancel: () => {
      if (frame !== null) cancelAnimationFrame(frame);
    },
  };
}

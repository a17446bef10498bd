'use client';

import { Button } from '@bourse/ui';
import { useEffect, useRef } from 'react';
import { AnswerView } from './answer-view.tsx';
import type { ChatModel } from './chat-model.ts';
import type { Message } from './conversation.ts';
import type { Chat } from './use-chat.ts';

/** How near to the end somebody must be to be taken along when more is written. */
const NEAR_END_PX = 120;

/** What was said, and what is being said. */
export function Thread({ chat, models }: { chat: Chat; models: ReadonlyMap<string, ChatModel> }) {
  const messages = chat.current?.messages ?? [];
  const region = useFollow(messages);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain" ref={region}>
      <div
        aria-busy={chat.isWriting}
        aria-label="Conversation"
        aria-live="polite"
        className="mx-auto grid max-w-3xl gap-8 px-4 py-8 sm:px-6"
        role="log"
      >
        {messages.length === 0 ? <Welcome onAsk={chat.conversations.chatKey === null ? null : chat.send} /> : null}
        {messages.map((message) =>
          message.role === 'user' ? (
            <p
              className="ml-auto max-w-[85%] whitespace-pre-wrap break-words rounded-lg bg-inset px-3.5 py-2 leading-6"
              key={message.id}
            >
              {message.text}
            </p>
          ) : (
            <AnswerView
              answer={message}
              key={message.id}
              model={models.get(message.model)}
              onForgetKey={() => chat.conversations.setChatKey(null)}
              onRetry={chat.isWriting ? null : chat.retry}
            />
          ),
        )}
      </div>
    </div>
  );
}

/** Keeps the end in view while it grows, unless the reader has gone up to read. A new message brings everybody to the end. */
function useFollow(messages: readonly Message[]) {
  const region = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const count = useRef(0);
  useEffect(() => {
    const element = region.current;
    if (!element) return;
    const look = () => {
      isFollowing.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    };
    element.addEventListener('scroll', look, { passive: true });
    return () => element.removeEventListener('scroll', look);
  }, []);
  useEffect(() => {
    if (messages.length !== count.current) isFollowing.current = true;
    count.current = messages.length;
    if (isFollowing.current && region.current) region.current.scrollTop = region.current.scrollHeight;
  }, [messages]);
  return region;
}

const questions = [
  'What is a bourse, in two sentences?',
  'Write a haiku about an order book.',
  'Compare limit and market orders in a table.',
];

/** `onAsk` is null while there is no key to ask with. */
function Welcome({ onAsk }: { onAsk: ((question: string) => void) | null }) {
  return (
    <div className="grid justify-items-center gap-5 py-[12vh] text-center">
      <div>
        <h2 className="font-semibold text-xl tracking-tight">Ask any model</h2>
        <p className="mt-1 max-w-md text-pretty text-muted-foreground text-sm">
          Every answer shows what it took and what it cost. Conversations stay in this browser.
        </p>
      </div>
      {onAsk ? (
        <div className="flex flex-wrap justify-center gap-2">
          {questions.map((question) => (
            <Button
              className="h-auto whitespace-normal py-1.5 font-normal"
              key={question}
              onClick={() => onAsk(question)}
            >
              {question}
            </Button>
          ))}
        </div>
      ) : null}
    </div>
  );
}

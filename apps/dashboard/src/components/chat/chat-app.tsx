'use client';

import { Button, Sheet, SheetContent, SheetTitle, SheetTrigger, Skeleton } from '@bourse/ui';
import { PanelLeft } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type ChatModel, orderModels } from './chat-model.ts';
import { Composer } from './composer.tsx';
import { ConversationList } from './conversation-list.tsx';
import { KeyGate } from './key-gate.tsx';
import { ModelPicker } from './model-picker.tsx';
import { SettingsSheet } from './settings-sheet.tsx';
import { Thread } from './thread.tsx';
import { type Chat, useChat } from './use-chat.ts';

type ChatAppProps = {
  /** The organization: what the browser keeps is kept apart by it. */
  scope: string;
  models: readonly ChatModel[];
  startModel: string;
};

/** The chat: conversations on the left, the running one in the middle. */
export function ChatApp({ scope, models, startModel }: ChatAppProps) {
  const chat = useChat({ scope, startModel });
  useFreshBalance(chat.isWriting);
  const ordered = useMemo(() => orderModels(models), [models]);
  const bySlug = useMemo(() => new Map(models.map((model) => [model.slug, model])), [models]);
  return (
    <div className="flex h-full min-h-0" data-app-page>
      <aside className="hidden w-64 shrink-0 flex-col border-r md:flex">
        <ConversationList chat={chat} />
      </aside>
      <section className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-12 shrink-0 items-center gap-2 border-b px-4 sm:px-6">
          <ConversationSheet chat={chat} />
          <ModelPicker models={ordered} onChange={(model) => chat.change({ model })} value={chat.setup.model} />
          <SettingsSheet onChange={(settings) => chat.change({ settings })} settings={chat.setup.settings} />
          <h1 className="sr-only">{chat.current?.title ?? 'Chat'}</h1>
        </header>
        <Thread chat={chat} models={bySlug} />
        <p className="sr-only" role="status">
          {chat.isWriting ? 'The answer is being written. Escape stops it.' : ''}
        </p>
        <Foot chat={chat} />
      </section>
    </div>
  );
}

/** The head of the page shows the credits: they are looked up again when an answer has been paid. */
function useFreshBalance(isWriting: boolean) {
  const router = useRouter();
  const wasWriting = useRef(false);
  useEffect(() => {
    if (wasWriting.current && !isWriting) router.refresh();
    wasWriting.current = isWriting;
  }, [isWriting, router]);
}

function Foot({ chat }: { chat: Chat }) {
  const { isReady, chatKey, setChatKey } = chat.conversations;
  if (!isReady) return <Skeleton className="mx-auto mb-6 h-12 w-full max-w-3xl" />;
  if (chatKey === null) return <KeyGate onKey={setChatKey} />;
  return <Composer isWriting={chat.isWriting} onSend={chat.send} onStop={chat.stop} />;
}

function ConversationSheet({ chat }: { chat: Chat }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Sheet onOpenChange={setIsOpen} open={isOpen}>
      <SheetTrigger asChild>
        <Button aria-label="Conversations" className="-ml-2 md:hidden" size="icon" variant="ghost">
          <PanelLeft aria-hidden className="size-4" />
        </Button>
      </SheetTrigger>
      <SheetContent className="p-0" side="left">
        <SheetTitle className="px-4 pt-4 font-medium">Conversations</SheetTitle>
        <ConversationList chat={chat} onOpen={() => setIsOpen(false)} />
      </SheetContent>
    </Sheet>
  );
}

'use client';

import {
  Button,
  cn,
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@bourse/ui';
import { Ellipsis, SquarePen } from 'lucide-react';
import { useState } from 'react';
import type { Conversation } from './conversation.ts';
import { ConversationDialog } from './conversation-dialog.tsx';
import { exportConversation } from './export-conversation.ts';
import type { Chat } from './use-chat.ts';

/** Every conversation of this browser, newest first. `onOpen` runs after one was opened, to close a sheet. */
export function ConversationList({ chat, onOpen }: { chat: Chat; onOpen?: () => void }) {
  const { all, isReady } = chat.conversations;
  const open = (id: string | null) => {
    chat.open(id);
    onOpen?.();
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="p-3">
        <Button className="w-full justify-start" onClick={() => open(null)}>
          <SquarePen aria-hidden />
          New conversation
        </Button>
      </div>
      <nav aria-label="Conversations" className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        {isReady && all.length === 0 ? (
          <p className="px-2.5 text-pretty text-subtle-foreground text-xs">
            What you ask is kept here, in this browser only.
          </p>
        ) : null}
        <ul className="grid grid-cols-1 gap-px">
          {all.map((conversation) => (
            <ConversationLine
              chat={chat}
              conversation={conversation}
              isCurrent={conversation.id === chat.current?.id}
              key={conversation.id}
              onOpen={() => open(conversation.id)}
            />
          ))}
        </ul>
      </nav>
      {chat.conversations.hasRoom ? null : (
        <p className="border-t bg-warning-soft p-3 text-warning-text text-xs" role="alert">
          The browser has no room left: the last changes are not kept. Export and delete old conversations.
        </p>
      )}
    </div>
  );
}

type ConversationLineProps = { chat: Chat; conversation: Conversation; isCurrent: boolean; onOpen: () => void };

function ConversationLine({ chat, conversation, isCurrent, onOpen }: ConversationLineProps) {
  const [dialog, setDialog] = useState<'rename' | 'delete' | null>(null);
  return (
    <li className={cn('group flex items-center rounded-md hover:bg-hover', isCurrent && 'bg-selected')}>
      <button
        aria-current={isCurrent ? 'true' : undefined}
        className="min-w-0 flex-1 cursor-pointer truncate rounded-md px-2.5 py-1.5 text-left text-sm"
        onClick={onOpen}
        title={conversation.title}
        type="button"
      >
        {conversation.title}
      </button>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            aria-label={`Actions for ${conversation.title}`}
            className="sm:opacity-0 sm:focus-visible:opacity-100 sm:group-hover:opacity-100 sm:data-[state=open]:opacity-100"
            size="icon-sm"
            variant="ghost"
          >
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuItem onSelect={() => setDialog('rename')}>Rename</DropdownMenuItem>
          <DropdownMenuItem onSelect={() => exportConversation(conversation)}>Export as JSON</DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem className="text-danger-text" onSelect={() => setDialog('delete')}>
            Delete
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <ConversationDialog
        conversation={conversation}
        kind={dialog}
        onClose={() => setDialog(null)}
        onDelete={() => chat.remove(conversation.id)}
        onRename={(title) => chat.rename(conversation.id, title)}
      />
    </li>
  );
}

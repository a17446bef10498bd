'use client';

import { Button, Dialog, DialogClose, DialogContent, DialogFooter, DialogHeader, Field, Input } from '@bourse/ui';
import type { FormEvent } from 'react';
import type { Conversation } from './conversation.ts';

type ConversationDialogProps = {
  conversation: Conversation;
  kind: 'rename' | 'delete' | null;
  onClose: () => void;
  onRename: (title: string) => void;
  onDelete: () => void;
};

/** Asks for a new name, or whether to delete. */
export function ConversationDialog(props: ConversationDialogProps) {
  const { conversation, kind, onClose, onDelete } = props;
  return (
    <Dialog onOpenChange={(isOpen) => (isOpen ? undefined : onClose())} open={kind !== null}>
      <DialogContent aria-describedby={undefined}>
        {kind === 'rename' ? <RenameForm {...props} /> : null}
        {kind === 'delete' ? (
          <div>
            <DialogHeader title="Delete this conversation?">
              “{conversation.title}” is in this browser only, and will be gone. Its receipts stay in your activity.
            </DialogHeader>
            <DialogFooter>
              <DialogClose asChild>
                <Button>Keep it</Button>
              </DialogClose>
              <Button
                onClick={() => {
                  onClose();
                  onDelete();
                }}
                variant="danger"
              >
                Delete
              </Button>
            </DialogFooter>
          </div>
        ) : null}
      </DialogContent>
    </Dialog>
  );
}

function RenameForm({ conversation, onClose, onRename }: ConversationDialogProps) {
  function rename(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onRename(String(new FormData(event.currentTarget).get('title')));
    onClose();
  }
  return (
    <form onSubmit={rename}>
      <DialogHeader title="Rename the conversation" />
      <Field id="title" label="Name">
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            autoFocus
            defaultValue={conversation.title}
            maxLength={60}
            name="title"
            required
          />
        )}
      </Field>
      <DialogFooter>
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button type="submit" variant="primary">
          Rename
        </Button>
      </DialogFooter>
    </form>
  );
}

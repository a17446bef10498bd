'use client';

import { Button, Dialog, DialogContent, DialogTrigger } from '@bourse/ui';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { CreateKeyForm } from './create-key-form.tsx';
import { NewKey } from './new-key.tsx';

/** Makes a key, then shows its text. A click beside the window does not close it while the text is there: it would be gone. */
export function CreateKeyButton() {
  const [isOpen, setIsOpen] = useState(false);
  const [plaintext, setPlaintext] = useState<string | null>(null);

  function change(isOpenNow: boolean) {
    setIsOpen(isOpenNow);
    if (!isOpenNow) setPlaintext(null);
  }

  return (
    <Dialog onOpenChange={change} open={isOpen}>
      <DialogTrigger asChild>
        <Button variant="primary">
          <Plus aria-hidden />
          Create key
        </Button>
      </DialogTrigger>
      <DialogContent
        onInteractOutside={(event) => {
          if (plaintext !== null) event.preventDefault();
        }}
      >
        {plaintext === null ? (
          <CreateKeyForm onCreated={setPlaintext} />
        ) : (
          <NewKey onDone={() => change(false)} plaintext={plaintext} />
        )}
      </DialogContent>
    </Dialog>
  );
}

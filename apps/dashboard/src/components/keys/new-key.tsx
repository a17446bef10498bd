'use client';

import { Button, CopyButton, DialogFooter, DialogHeader } from '@bourse/ui';
import Link from 'next/link';

/** The text of a new key, the only time that it is anywhere but with its owner. */
export function NewKey({ plaintext, onDone }: { plaintext: string; onDone: () => void }) {
  return (
    <div>
      <DialogHeader title="Your new key">
        Copy it now. Bourse keeps a fingerprint of it only, and can never show it again.
      </DialogHeader>
      <div className="flex items-start gap-2 rounded-md border border-accent-line bg-accent-soft py-2 pr-2 pl-3">
        <code className="min-w-0 flex-1 select-all break-all py-1 font-mono text-xs" data-testid="new-key">
          {plaintext}
        </code>
        <CopyButton autoFocus label="Copy the key" size="sm" value={plaintext} variant="secondary">
          Copy
        </CopyButton>
      </div>
      <p className="mt-3 text-muted-foreground text-sm">
        Programs send it as <code className="font-mono text-xs">Authorization: Bearer …</code>; see the{' '}
        <Link className="text-accent-text hover:underline" href="/docs#quickstart">
          quickstart
        </Link>
        .
      </p>
      <DialogFooter>
        <Button onClick={onDone} variant="primary">
          I have copied it
        </Button>
      </DialogFooter>
    </div>
  );
}

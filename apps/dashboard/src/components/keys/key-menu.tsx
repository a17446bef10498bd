'use client';

import {
  Button,
  Dialog,
  DialogContent,
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
  toast,
} from '@bourse/ui';
import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { switchKeyAction } from '../../actions/key-actions.ts';
import type { KeyRow } from '../../data/keys.ts';
import { useAction } from '../account/use-action.ts';
import { EditKeyForm } from './edit-key-form.tsx';
import { RevokeKeyForm } from './revoke-key-form.tsx';

/** What can be done to a key. */
export function KeyMenu({ row }: { row: KeyRow }) {
  const [dialog, setDialog] = useState<'edit' | 'revoke' | null>(null);
  const { run, isPending } = useAction(switchKeyAction);
  const isDisabled = row.state === 'disabled';
  const close = () => setDialog(null);

  function toggle() {
    run({ id: row.id, isDisabled: !isDisabled }, () => toast(`${row.name} is ${isDisabled ? 'enabled' : 'disabled'}.`));
  }

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button aria-label={`Actions for ${row.name}`} disabled={isPending} size="icon-sm" variant="ghost">
            <Ellipsis aria-hidden />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent>
          <DropdownMenuItem onSelect={() => setDialog('edit')}>Edit</DropdownMenuItem>
          <DropdownMenuItem onSelect={toggle}>{isDisabled ? 'Enable' : 'Disable'}</DropdownMenuItem>
          <DropdownMenuSeparator />
          <DropdownMenuItem className="text-danger-text" onSelect={() => setDialog('revoke')}>
            Revoke
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <Dialog onOpenChange={(isOpen) => (isOpen ? undefined : close())} open={dialog !== null}>
        <DialogContent>
          {dialog === 'edit' ? <EditKeyForm onDone={close} row={row} /> : null}
          {dialog === 'revoke' ? <RevokeKeyForm onDone={close} row={row} /> : null}
        </DialogContent>
      </Dialog>
    </>
  );
}

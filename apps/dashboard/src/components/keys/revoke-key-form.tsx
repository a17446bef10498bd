'use client';

import { Button, DialogClose, DialogFooter, DialogHeader, toast } from '@bourse/ui';
import { revokeKeyAction } from '../../actions/key-actions.ts';
import type { KeyRow } from '../../data/keys.ts';
import { FormProblem } from '../account/form-problem.tsx';
import { useAction } from '../account/use-action.ts';

/** Asks before a key is ended for good. */
export function RevokeKeyForm({ row, onDone }: { row: KeyRow; onDone: () => void }) {
  const { run, isPending, refusal } = useAction(revokeKeyAction);

  function revoke() {
    run({ id: row.id }, () => {
      toast(`${row.name} was revoked.`);
      onDone();
    });
  }

  return (
    <div>
      <DialogHeader title={`Revoke ${row.name}?`}>
        Programs that use <span className="font-mono text-xs">{row.label}</span> are refused within seconds, and the key
        can never be used again. What it did stays in your activity.
      </DialogHeader>
      <FormProblem refusal={refusal} />
      <DialogFooter>
        <DialogClose asChild>
          <Button>Keep it</Button>
        </DialogClose>
        <Button disabled={isPending} onClick={revoke} variant="danger">
          {isPending ? 'Revoking…' : 'Revoke key'}
        </Button>
      </DialogFooter>
    </div>
  );
}

'use client';

import { formatUsd } from '@bourse/money';
import { Button, DialogClose, DialogFooter, DialogHeader, Field, Input, toast } from '@bourse/ui';
import type { FormEvent } from 'react';
import { changeKeyAction } from '../../actions/key-actions.ts';
import type { KeyRow } from '../../data/keys.ts';
import { FormProblem, problemOf } from '../account/form-problem.tsx';
import { useAction } from '../account/use-action.ts';
import { LimitFields, limitIn } from './limit-fields.tsx';

/** Renames a key and changes its limit. What was spent in the current window stays spent. */
export function EditKeyForm({ row, onDone }: { row: KeyRow; onDone: () => void }) {
  const { run, isPending, refusal } = useAction(changeKeyAction);

  function change(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run({ id: row.id, name: String(form.get('name')), ...limitIn(form) }, () => {
      toast('The key was changed.');
      onDone();
    });
  }

  return (
    <form className="grid gap-4" onSubmit={change}>
      <DialogHeader title="Edit key">
        <span className="font-mono text-xs">{row.label}</span>
      </DialogHeader>
      <Field error={problemOf(refusal, 'name')} id="name" label="Name">
        {(control) => (
          <Input {...control} autoComplete="off" defaultValue={row.name} maxLength={80} name="name" required />
        )}
      </Field>
      {row.kind === 'inference' ? (
        <LimitFields
          initialReset={row.limitReset}
          initialUsd={row.limit === null ? '' : formatUsd(row.limit)}
          refusal={refusal}
        />
      ) : null}
      <FormProblem fields={['name', 'limitUsd']} refusal={refusal} />
      <DialogFooter className="mt-1">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button disabled={isPending} type="submit" variant="primary">
          {isPending ? 'Saving…' : 'Save'}
        </Button>
      </DialogFooter>
    </form>
  );
}

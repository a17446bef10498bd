'use client';

import { formatUsd } from '@bourse/money';
import { Button, DialogClose, DialogFooter, DialogHeader, Field, Input, Select, toast } from '@bourse/ui';
import type { FormEvent } from 'react';
import { changeKeyAction } from '../../actions/key-actions.ts';
import { expiryChanges } from '../../actions/key-choices.ts';
import type { KeyRow } from '../../data/keys.ts';
import { FormProblem, problemOf } from '../account/form-problem.tsx';
import { useAction } from '../account/use-action.ts';
import { Day } from '../format/ago.tsx';
import { expiryChangeOptions } from './key-words.ts';
import { LimitFields, limitIn } from './limit-fields.tsx';

/** Renames a key and changes its limit and its end. What was spent in the current window stays spent. */
export function EditKeyForm({ row, onDone }: { row: KeyRow; onDone: () => void }) {
  const { run, isPending, refusal } = useAction(changeKeyAction);

  function change(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const expiry = expiryChanges.find((choice) => choice === form.get('expiry')) ?? 'keep';
    run({ id: row.id, name: String(form.get('name')), expiry, ...limitIn(form) }, () => {
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
          <Input {...control} autoComplete="off" defaultValue={row.name} maxLength={100} name="name" required />
        )}
      </Field>
      {row.kind === 'inference' ? (
        <LimitFields
          initialReset={row.limitReset}
          initialUsd={row.limit === null ? '' : formatUsd(row.limit)}
          refusal={refusal}
        />
      ) : null}
      <Field hint={row.expiresAt ? <ExpiryHint at={row.expiresAt} /> : 'It has no end now.'} id="expiry" label="Ends">
        {(control) => (
          <Select {...control} className="w-full" defaultValue="keep" name="expiry" options={expiryChangeOptions} />
        )}
      </Field>
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

function ExpiryHint({ at }: { at: Date }) {
  return (
    <>
      Now: <Day date={at} />
    </>
  );
}

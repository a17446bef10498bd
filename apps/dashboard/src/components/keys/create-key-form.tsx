'use client';

import { Button, DialogClose, DialogFooter, DialogHeader, Field, Input, Select } from '@bourse/ui';
import { type FormEvent, useState } from 'react';
import { createKeyAction } from '../../actions/key-actions.ts';
import { expiryPresets } from '../../actions/key-choices.ts';
import { FormProblem, problemOf } from '../account/form-problem.tsx';
import { useAction } from '../account/use-action.ts';
import { expiryOptions } from './key-words.ts';
import { LimitFields, limitIn } from './limit-fields.tsx';

const kindOptions = [
  { value: 'inference', label: 'Calls models' },
  { value: 'management', label: 'Manages keys and reads usage' },
];

/** What a new key needs: a name, and whatever limits its owner wants. */
export function CreateKeyForm({ onCreated }: { onCreated: (plaintext: string) => void }) {
  const [kind, setKind] = useState<'inference' | 'management'>('inference');
  const { run, isPending, refusal } = useAction(createKeyAction);

  function create(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const expiry = expiryPresets.find((preset) => preset === form.get('expiry')) ?? 'never';
    const draft = { name: String(form.get('name')), kind, expiry, ...limitIn(form) };
    run(draft, ({ plaintext }) => onCreated(plaintext));
  }

  return (
    <form className="grid gap-4" onSubmit={create}>
      <DialogHeader title="Create an API key">Its text is shown once, right after this.</DialogHeader>
      <Field error={problemOf(refusal, 'name')} id="name" label="Name">
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            autoFocus
            maxLength={100}
            name="name"
            placeholder="Production"
            required
          />
        )}
      </Field>
      <Field id="kind" label="What it does">
        {(control) => (
          <Select
            {...control}
            className="w-full"
            onValueChange={(value) => setKind(value === 'management' ? 'management' : 'inference')}
            options={kindOptions}
            value={kind}
          />
        )}
      </Field>
      {kind === 'inference' ? <LimitFields refusal={refusal} /> : null}
      <Field id="expiry" label="Ends">
        {(control) => (
          <Select {...control} className="w-full" defaultValue="never" name="expiry" options={expiryOptions} />
        )}
      </Field>
      <FormProblem fields={['name', 'limitUsd']} refusal={refusal} />
      <DialogFooter className="mt-1">
        <DialogClose asChild>
          <Button>Cancel</Button>
        </DialogClose>
        <Button disabled={isPending} type="submit" variant="primary">
          {isPending ? 'Creating…' : 'Create key'}
        </Button>
      </DialogFooter>
    </form>
  );
}

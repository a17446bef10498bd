'use client';

import { Field, Input, Select } from '@bourse/ui';
import { useState } from 'react';
import type { ActionRefusal } from '../../actions/action-result.ts';
import { limitResets } from '../../actions/key-choices.ts';
import { problemOf } from '../account/form-problem.tsx';
import { resetOptions } from './key-words.ts';

type LimitFieldsProps = {
  refusal: ActionRefusal | null;
  /** Dollars, as text; empty without a limit. */
  initialUsd?: string;
  initialReset?: (typeof limitResets)[number] | null;
};

/** The two controls of a spending limit. The reset matters only when there is an amount. */
export function LimitFields({ refusal, initialUsd = '', initialReset = null }: LimitFieldsProps) {
  const [usd, setUsd] = useState(initialUsd);
  return (
    <div className="grid grid-cols-2 items-start gap-3">
      <Field
        error={problemOf(refusal, 'limitUsd')}
        hint="Empty: no limit but your credits."
        id="limitUsd"
        label="Spending limit"
      >
        {(control) => (
          <Input
            {...control}
            inputMode="decimal"
            name="limitUsd"
            onChange={(event) => setUsd(event.target.value)}
            placeholder="$"
            value={usd}
          />
        )}
      </Field>
      <Field hint="At 00:00 UTC." id="limitReset" label="Starts anew">
        {(control) => (
          <Select
            {...control}
            className="w-full"
            defaultValue={initialReset ?? 'never'}
            disabled={usd.trim() === ''}
            name="limitReset"
            options={resetOptions}
          />
        )}
      </Field>
    </div>
  );
}

/** The limit as the form has it, as the actions take it. */
export function limitIn(form: FormData) {
  const usd = String(form.get('limitUsd') ?? '').trim();
  const limitReset = limitResets.find((reset) => reset === form.get('limitReset')) ?? null;
  return { limitUsd: usd === '' ? null : usd, limitReset };
}

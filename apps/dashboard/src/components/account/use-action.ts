'use client';

import { useState, useTransition } from 'react';
import type { ActionRefusal, ActionResult } from '../../actions/action-result.ts';
import { signInHref } from '../../site/navigation.ts';

const unreachable: ActionRefusal = {
  ok: false,
  code: 'service_unavailable',
  message: 'Bourse does not answer. Check your connection, and try again.',
  field: null,
};

/** A server action and what became of it. `refusal` is of the last call, null while another runs. */
export type ActionState<Input, Value> = {
  run: (input: Input, onDone?: (value: Value) => void) => void;
  isPending: boolean;
  refusal: ActionRefusal | null;
  forget: () => void;
};

/** Runs a server action from a form or a button. A session that is over leads to sign in and back here. */
export function useAction<Input, Value>(
  act: (input: Input) => Promise<ActionResult<Value>>,
): ActionState<Input, Value> {
  const [isPending, startTransition] = useTransition();
  const [refusal, setRefusal] = useState<ActionRefusal | null>(null);

  function run(input: Input, onDone?: (value: Value) => void) {
    setRefusal(null);
    startTransition(async () => {
      const result = await act(input).catch(() => unreachable);
      if (result.ok) onDone?.(result.value);
      else if (result.code === 'unauthenticated') leaveToSignIn();
      else setRefusal(result);
    });
  }

  return { run, isPending, refusal, forget: () => setRefusal(null) };
}

function leaveToSignIn() {
  const { pathname, search } = window.location;
  window.location.assign(signInHref(pathname + search));
}

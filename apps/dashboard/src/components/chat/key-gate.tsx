'use client';

import { parseApiKey } from '@bourse/ids';
import { Button, Card, CardContent, Field, Input } from '@bourse/ui';
import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { createKeyAction } from '../../actions/key-actions.ts';
import { FormProblem } from '../account/form-problem.tsx';
import { useAction } from '../account/use-action.ts';
import type { ChatKey } from './chat-storage.ts';

/** Stands in the place of the composer until this browser has a key to call the API with. */
export function KeyGate({ onKey }: { onKey: (key: ChatKey) => void }) {
  const [isPasting, setIsPasting] = useState(false);
  const { run, isPending, refusal } = useAction(createKeyAction);
  const draft = {
    name: 'Chat in a browser',
    kind: 'inference',
    expiry: 'never',
    limitUsd: null,
    limitReset: null,
  } as const;
  return (
    <div className="mx-auto w-full max-w-3xl px-4 pb-6 sm:px-6">
      <Card>
        <CardContent className="grid gap-3">
          <p className="flex items-center gap-2 font-medium">
            <KeyRound aria-hidden className="size-4 text-subtle-foreground" />
            The chat needs a key of yours
          </p>
          <p className="max-w-xl text-pretty text-muted-foreground text-sm">
            It calls the same API as your programs do, and pays from your credits. The key is kept in this browser only,
            and ends when you sign out. You can limit it or end it before, under API keys.
          </p>
          <FormProblem refusal={refusal} />
          {isPasting ? (
            <PasteKey onCancel={() => setIsPasting(false)} onKey={(apiKey) => onKey({ apiKey, id: null })} />
          ) : (
            <div className="flex flex-wrap gap-2">
              <Button
                disabled={isPending}
                onClick={() => run(draft, ({ plaintext, id }) => onKey({ apiKey: plaintext, id }))}
                variant="primary"
              >
                {isPending ? 'Creating…' : 'Create a chat key'}
              </Button>
              <Button onClick={() => setIsPasting(true)} variant="ghost">
                Use a key that I have
              </Button>
            </div>
          )}
        </CardContent>
      </Card>
    </div>
  );
}

function PasteKey({ onKey, onCancel }: { onKey: (apiKey: string) => void; onCancel: () => void }) {
  const [problem, setProblem] = useState<string | null>(null);

  function take(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('apiKey')).trim();
    const kind = parseApiKey(text);
    if (kind === 'inference') onKey(text);
    else if (kind === 'management') setProblem('Management keys cannot call models.');
    else setProblem('This is not a whole key of Bourse. Copy it again, from its first to its last character.');
  }

  return (
    <form className="grid gap-3" onSubmit={take}>
      <Field error={problem} id="apiKey" label="API key">
        {(control) => (
          <Input
            {...control}
            autoComplete="off"
            autoFocus
            className="font-mono"
            name="apiKey"
            required
            type="password"
          />
        )}
      </Field>
      <div className="flex gap-2">
        <Button type="submit" variant="primary">
          Use this key
        </Button>
        <Button onClick={onCancel} variant="ghost">
          Back
        </Button>
      </div>
    </form>
  );
}

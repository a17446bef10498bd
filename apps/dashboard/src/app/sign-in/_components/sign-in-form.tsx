'use client';

import { Button, Field, Input } from '@bourse/ui';
import { ArrowUpRight, MailCheck } from 'lucide-react';
import { signIn } from 'next-auth/react';
import { type FormEvent, useState } from 'react';
import type { LoginChoice } from '../../../auth/login-providers.ts';

type SignInFormProps = { logins: readonly LoginChoice[]; mailboxUrl: string | null; returnPath: string };

type Stage =
  | { kind: 'asking'; problem: string | null }
  | { kind: 'sending' }
  /** Says the same for an address that we know and one that we do not. */
  | { kind: 'sent'; email: string };

/** Asks for an address, sends the link, and says where it went. */
export function SignInForm({ logins, mailboxUrl, returnPath }: SignInFormProps) {
  const [stage, setStage] = useState<Stage>({ kind: 'asking', problem: null });

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get('email')).trim();
    setStage({ kind: 'sending' });
    setStage((await requestLink(email, returnPath)) ?? { kind: 'sent', email });
  }

  if (stage.kind === 'sent') {
    return (
      <LinkSent
        email={stage.email}
        mailboxUrl={mailboxUrl}
        onAgain={() => setStage({ kind: 'asking', problem: null })}
      />
    );
  }
  return (
    <div className="grid gap-4">
      <form className="grid gap-4" onSubmit={send}>
        <Field
          error={stage.kind === 'asking' ? stage.problem : null}
          hint="We mail you a link. No password."
          id="email"
          label="E-mail address"
        >
          {(control) => (
            <Input
              {...control}
              autoComplete="email"
              autoFocus
              name="email"
              placeholder="you@example.com"
              required
              type="email"
            />
          )}
        </Field>
        <Button disabled={stage.kind === 'sending'} size="lg" type="submit" variant="primary">
          {stage.kind === 'sending' ? 'Sending…' : 'Send sign-in link'}
        </Button>
      </form>
      {logins.map(({ id, name }) => (
        <Button key={id} onClick={() => signIn(id, { callbackUrl: returnPath })} size="lg">
          Continue with {name}
        </Button>
      ))}
      {mailboxUrl ? <MailboxLink href={mailboxUrl} /> : null}
    </div>
  );
}

const tooManyMails =
  'Too many links were asked for. Look for one in your mailbox, or try again in a quarter of an hour.';

/** Null when the link is on its way. */
async function requestLink(email: string, callbackUrl: string): Promise<Stage | null> {
  try {
    const answer = await signIn('email', { email, callbackUrl, redirect: false });
    if (answer?.ok && !answer.error) return null;
    if (answer?.error === 'TooManyMails') return { kind: 'asking', problem: tooManyMails };
    return { kind: 'asking', problem: 'The mail could not be sent. Check the address, and try again in a moment.' };
  } catch {
    return { kind: 'asking', problem: 'Bourse does not answer. Check your connection, and try again.' };
  }
}

function LinkSent({ email, mailboxUrl, onAgain }: { email: string; mailboxUrl: string | null; onAgain: () => void }) {
  return (
    <div className="grid justify-items-center gap-1 py-2 text-center" role="status">
      <MailCheck aria-hidden className="mb-2 size-5 text-accent-text" strokeWidth={1.5} />
      <p className="font-medium text-base">Check your mail</p>
      <p className="text-pretty text-muted-foreground text-sm">
        A link is on its way to <span className="break-all text-foreground">{email}</span>. It works once, within ten
        minutes.
      </p>
      <div className="mt-4 grid gap-2">
        {mailboxUrl ? <MailboxLink href={mailboxUrl} /> : null}
        <Button onClick={onAgain} variant="ghost">
          Use another address
        </Button>
      </div>
    </div>
  );
}

function MailboxLink({ href }: { href: string }) {
  return (
    <a
      className="inline-flex items-center justify-center gap-1 rounded-sm text-accent-text text-sm hover:underline"
      href={href}
      rel="noopener"
      target="_blank"
    >
      Development mailbox
      <ArrowUpRight aria-hidden className="size-3.5" />
    </a>
  );
}

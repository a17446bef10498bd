'use client';

import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
  Monogram,
} from '@bourse/ui';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { revokeKeyAction } from '../../actions/key-actions.ts';
import { accountPlaces, creditsPlace } from '../../site/navigation.ts';

/** The menu behind the person's sign. `balance` comes rendered from the server. */
export function AccountMenu({ name, email, balance }: { name: string; email: string; balance: ReactNode }) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger aria-label="Account" className="ml-1 cursor-pointer rounded-full">
        <Monogram name={name} round size="md" />
      </DropdownMenuTrigger>
      <DropdownMenuContent className="w-56">
        <DropdownMenuLabel className="grid">
          <span className="truncate font-medium text-foreground text-sm">{name}</span>
          <span className="truncate">{email}</span>
        </DropdownMenuLabel>
        <DropdownMenuSeparator />
        {accountPlaces.map(({ href, label }) => (
          <DropdownMenuItem asChild key={href}>
            <Link href={href}>
              {label}
              {href === creditsPlace.href ? <span className="ml-auto text-muted-foreground">{balance}</span> : null}
            </Link>
          </DropdownMenuItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={leave}>Sign out</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

/** Ends the session in the books and starts over on the landing page; keys that the chat made in this browser end with it. */
async function leave() {
  // Loaded when needed: few visits end like this.
  const [{ signOut }, { takeChatKeys }] = await Promise.all([
    import('next-auth/react'),
    import('../chat/chat-storage.ts'),
  ]);
  await Promise.allSettled(takeChatKeys(window.localStorage).map((id) => revokeKeyAction({ id })));
  await signOut({ callbackUrl: '/' });
}

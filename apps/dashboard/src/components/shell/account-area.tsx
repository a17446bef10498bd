import { Button } from '@bourse/ui';
import Link from 'next/link';
import type { Viewer } from '../../data/viewer.ts';
import { creditsPlace, signInPlace } from '../../site/navigation.ts';
import { Money } from '../format/money.tsx';
import { AccountMenu } from './account-menu.tsx';

/** The right end of the top bar: a way in for visitors; credits and the account menu for people who are in. */
export function AccountArea({ viewer }: { viewer: Viewer | null }) {
  if (!viewer) {
    return (
      <Button asChild className="ml-1" variant="primary">
        <Link href={signInPlace.href}>{signInPlace.label}</Link>
      </Button>
    );
  }
  return (
    <>
      <Link
        className="numeric rounded-md px-2 py-1.5 text-muted-foreground text-sm hover:bg-hover hover:text-foreground max-sm:hidden"
        href={creditsPlace.href}
      >
        <span className="sr-only">Credits: </span>
        <Money amount={viewer.available} />
      </Link>
      <AccountMenu balance={<Money amount={viewer.available} />} email={viewer.email} name={viewer.name} />
    </>
  );
}

'use client';

import { Button, Sheet, SheetClose, SheetContent, SheetTitle, SheetTrigger } from '@bourse/ui';
import { Menu } from 'lucide-react';
import Link from 'next/link';
import { accountPlaces, mainPlaces, type Place } from '../../site/navigation.ts';
import { Logo } from './logo.tsx';

/** The navigation of narrow screens: the same places in a sheet. */
export function PhoneNav({ isSignedIn }: { isSignedIn: boolean }) {
  return (
    <Sheet>
      <SheetTrigger asChild>
        <Button aria-label="Menu" className="-ml-2 md:hidden" size="icon" variant="ghost">
          <Menu aria-hidden className="size-4.5" />
        </Button>
      </SheetTrigger>
      <SheetContent side="left">
        <SheetTitle className="mb-4">
          <Logo />
        </SheetTitle>
        <nav aria-label="Main">
          <PlaceList places={mainPlaces} />
          {isSignedIn ? (
            <>
              <hr className="my-3" />
              <PlaceList places={accountPlaces} />
            </>
          ) : null}
        </nav>
      </SheetContent>
    </Sheet>
  );
}

function PlaceList({ places }: { places: readonly Place[] }) {
  return (
    <ul>
      {places.map(({ href, label }) => (
        <li key={href}>
          <SheetClose asChild>
            <Link className="-mx-2 block rounded-md px-2 py-2.5 text-lg hover:bg-hover" href={href}>
              {label}
            </Link>
          </SheetClose>
        </li>
      ))}
    </ul>
  );
}

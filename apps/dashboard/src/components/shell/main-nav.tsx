'use client';

import { cn } from '@bourse/ui';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { mainPlaces } from '../../site/navigation.ts';

/** The places of the top bar, with the current one marked. A client component only to know which one that is. */
export function MainNav() {
  const pathname = usePathname();
  return (
    <nav aria-label="Main" className="hidden items-center md:flex">
      {mainPlaces.map(({ href, label }) => {
        const isCurrent = pathname === href || pathname.startsWith(`${href}/`);
        return (
          <Link
            aria-current={isCurrent ? 'page' : undefined}
            className={cn(
              'rounded-md px-2.5 py-1.5 text-muted-foreground text-sm transition-colors hover:text-foreground',
              isCurrent && 'text-foreground',
            )}
            href={href}
            key={href}
          >
            {label}
          </Link>
        );
      })}
    </nav>
  );
}

import { ThemeMenu } from '@bourse/ui';
import Link from 'next/link';
import type { Viewer } from '../../data/viewer.ts';
import { AccountArea } from './account-area.tsx';
import { CommandMenu } from './command-menu.tsx';
import { Logo } from './logo.tsx';
import { MainNav } from './main-nav.tsx';
import { PhoneNav } from './phone-nav.tsx';

/** The top bar of every page. Its height is the token `--header-height`, below which table heads stick. */
export function SiteHeader({ viewer }: { viewer: Viewer | null }) {
  return (
    <header className="sticky top-0 z-40 border-b bg-canvas">
      <div className="mx-auto flex h-(--header-height) max-w-(--page-width) items-center gap-1 px-4 sm:px-6">
        <PhoneNav isSignedIn={viewer !== null} />
        <Link aria-label="Bourse, home" className="mr-4 flex rounded-sm" href="/">
          <Logo />
        </Link>
        <MainNav />
        <div className="ml-auto flex items-center gap-1">
          <CommandMenu isSignedIn={viewer !== null} />
          <ThemeMenu />
          <AccountArea viewer={viewer} />
        </div>
      </div>
    </header>
  );
}

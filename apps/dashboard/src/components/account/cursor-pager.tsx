import { Button } from '@bourse/ui';
import Link from 'next/link';

type CursorPagerProps = {
  label: string;
  /** Null on the first page. */
  firstHref: string | null;
  /** Null on the last page. */
  nextHref: string | null;
};

/** The way through a long list whose pages are named by where they begin. Nothing when there is one page only. */
export function CursorPager({ label, firstHref, nextHref }: CursorPagerProps) {
  if (firstHref === null && nextHref === null) return null;
  return (
    <nav aria-label={label} className="flex items-center justify-between border-t px-4 py-3">
      <PagerLink href={firstHref}>First page</PagerLink>
      <PagerLink href={nextHref}>Next page</PagerLink>
    </nav>
  );
}

function PagerLink({ href, children }: { href: string | null; children: string }) {
  if (href === null) return <Button disabled>{children}</Button>;
  return (
    <Button asChild>
      <Link href={href} prefetch={false} scroll={false}>
        {children}
      </Link>
    </Button>
  );
}

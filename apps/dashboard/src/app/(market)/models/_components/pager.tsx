import { Button } from '@bourse/ui';
import Link from 'next/link';
import { type ModelsQuery, modelsHref } from '../search-params.ts';

/** The way to the pages before and after. Nothing when there is only one page. */
export function Pager({ query, page, pages }: { query: ModelsQuery; page: number; pages: number }) {
  if (pages === 1) return null;
  const href = (target: number) => `/models${modelsHref({ ...query, page: target })}`;
  return (
    <nav aria-label="Pages" className="flex items-center justify-between border-t px-4 py-3">
      <PagerLink href={page > 1 ? href(page - 1) : null}>Previous</PagerLink>
      <span className="numeric text-muted-foreground text-sm">
        Page {page} of {pages}
      </span>
      <PagerLink href={page < pages ? href(page + 1) : null}>Next</PagerLink>
    </nav>
  );
}

function PagerLink({ href, children }: { href: string | null; children: string }) {
  if (href === null) return <Button disabled>{children}</Button>;
  return (
    <Button asChild>
      <Link href={href}>{children}</Link>
    </Button>
  );
}

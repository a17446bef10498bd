import type { ReactNode } from 'react';
import { cn } from './cn.ts';
import type { LinkComponent } from './data-table.tsx';

/** One choice: where it leads, and whether it is the one shown now. */
export type SegmentedNavItem = { id: string; label: ReactNode; href: string; isCurrent: boolean };

/** A choice among few that lives in the URL (a period, a view). Links, so that it works without scripts and can be shared. */
export function SegmentedNav(props: { label: string; items: readonly SegmentedNavItem[]; link: LinkComponent }) {
  const Link = props.link;
  return (
    <nav aria-label={props.label} className="inline-flex rounded-md border border-line-strong bg-inset p-px">
      {props.items.map((item) => (
        <Link
          aria-current={item.isCurrent ? 'page' : undefined}
          className={cn(
            'inline-flex h-7 items-center gap-1.5 rounded-sm px-2.5 text-muted-foreground text-xs transition-colors hover:text-foreground',
            item.isCurrent && 'bg-knob font-medium text-foreground shadow-xs',
          )}
          href={item.href}
          key={item.id}
          scroll={false}
        >
          {item.label}
        </Link>
      ))}
    </nav>
  );
}

import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

/**
 * A table in a region that scrolls sideways where it is too wide, reachable by keyboard. From `lg` up nothing is clipped, so that
 * a sticky head can follow the page. Positioned, so that texts for screen readers in cells out of sight cannot widen the page.
 */
export function Table({ className, label, ...props }: ComponentProps<'table'> & { label: string }) {
  return (
    <section
      aria-label={label}
      className="relative w-full overflow-x-auto max-lg:rounded-lg lg:overflow-visible"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take focus, or keyboards cannot reach its right half (WCAG 2.1.1)
      tabIndex={0}
    >
      <table className={cn('w-full border-collapse text-sm', className)} {...props} />
    </section>
  );
}

/** The head; its cells stick below the page's header from `lg` up. */
export function TableHead({ className, ...props }: ComponentProps<'thead'>) {
  return <thead className={cn('text-left', className)} {...props} />;
}

/** The rows. The last one has no line of its own: the card around the table draws it. */
export function TableBody({ className, ...props }: ComponentProps<'tbody'>) {
  return <tbody className={cn('[&>tr:last-child]:border-0', className)} {...props} />;
}

/** One row, lit under the pointer so that the eye can follow it across many columns. */
export function TableRow({ className, ...props }: ComponentProps<'tr'>) {
  return <tr className={cn('border-b transition-colors duration-75 hover:bg-hover/60', className)} {...props} />;
}

/** A column's name. */
export function TableHeaderCell({ className, ...props }: ComponentProps<'th'>) {
  return (
    <th
      className={cn(
        'h-9 whitespace-nowrap bg-surface px-2 font-normal text-subtle-foreground text-xs sm:px-3 first:rounded-tl-lg first:pl-4 last:rounded-tr-lg last:pr-4',
        'shadow-[inset_0_-1px_0_var(--line)] lg:sticky lg:top-(--header-height) lg:z-10',
        className,
      )}
      scope="col"
      {...props}
    />
  );
}

/** A value. Numbers: add `numeric text-right`, or let `DataTable` do so with `align: 'right'`. */
export function TableCell({ className, ...props }: ComponentProps<'td'>) {
  return <td className={cn('h-10 px-2 py-2 align-middle first:pl-4 last:pr-4 sm:px-3', className)} {...props} />;
}

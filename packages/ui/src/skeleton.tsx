import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

/** A quiet block in the place and size of what is being loaded. Hidden from screen readers: the page says once that it loads. */
export function Skeleton({ className, ...props }: ComponentProps<'div'>) {
  return <div aria-hidden className={cn('animate-pulse rounded-sm bg-selected', className)} {...props} />;
}

/** Several lines of a table that is being loaded. */
export function TableSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div aria-hidden className="divide-y">
      {Array.from({ length: rows }, (_, row) => (
        <div className="flex h-11 items-center gap-4 px-4" key={row}>
          <Skeleton className="size-6" />
          <Skeleton className="h-3 w-1/3" />
          <Skeleton className="ml-auto h-3 w-16" />
          <Skeleton className="h-3 w-16 max-sm:hidden" />
          <Skeleton className="h-3 w-16 max-sm:hidden" />
        </div>
      ))}
    </div>
  );
}

import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

/** A key on the keyboard. */
export function Kbd({ className, ...props }: ComponentProps<'kbd'>) {
  return (
    <kbd
      className={cn(
        'inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-xs border border-line bg-inset px-1 font-sans text-2xs text-subtle-foreground',
        className,
      )}
      {...props}
    />
  );
}

import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

/** A sheet of paper on the canvas: one hairline, no shadow. */
export function Card({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('rounded-lg border bg-surface', className)} {...props} />;
}

/** The head of a card: title and description on the left, at most one group of controls (`CardAction`) on the right. */
export function CardHeader({ className, ...props }: ComponentProps<'div'>) {
  return (
    <div
      className={cn('flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-b px-4 py-3', className)}
      {...props}
    />
  );
}

/** The title of a card. Give it the heading level of its place with `as`. */
export function CardTitle({ className, as: Heading = 'h2', ...props }: ComponentProps<'h2'> & { as?: 'h2' | 'h3' }) {
  return <Heading className={cn('font-medium text-base', className)} {...props} />;
}

/** One sentence under the title. */
export function CardDescription({ className, ...props }: ComponentProps<'p'>) {
  return <p className={cn('text-muted-foreground text-sm', className)} {...props} />;
}

/** The body of a card. Tables go in with `className="p-0"`. */
export function CardContent({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('p-4', className)} {...props} />;
}

/** A closing line: totals, a link to more, the buttons of a form. */
export function CardFooter({ className, ...props }: ComponentProps<'div'>) {
  return (
    <div
      className={cn(
        'flex flex-wrap items-center gap-x-4 gap-y-2 border-t px-4 py-3 text-muted-foreground text-sm',
        className,
      )}
      {...props}
    />
  );
}

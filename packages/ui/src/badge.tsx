import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

const badgeVariants = cva(
  'inline-flex items-center gap-1 whitespace-nowrap rounded-sm border px-1.5 py-px font-medium text-2xs [&_svg]:size-3',
  {
    variants: {
      tone: {
        neutral: 'border-line bg-inset text-muted-foreground',
        accent: 'border-accent-line bg-accent-soft text-accent-text',
        warning: 'border-warning-line bg-warning-soft text-warning-text',
        danger: 'border-danger-line bg-danger-soft text-danger-text',
        outline: 'border-line-strong bg-transparent text-muted-foreground',
      },
    },
    defaultVariants: { tone: 'neutral' },
  },
);

/** The meaning of a badge or dot, never its colour. */
export type Tone = 'neutral' | 'accent' | 'warning' | 'danger';

/** A short word set apart. Says its meaning in text as well: tone alone is not readable to everybody. */
export function Badge({ className, tone, ...props }: ComponentProps<'span'> & VariantProps<typeof badgeVariants>) {
  return <span className={cn(badgeVariants({ tone }), className)} {...props} />;
}

const dotTones: Record<Tone, string> = {
  neutral: 'bg-line-strong',
  accent: 'bg-accent',
  warning: 'bg-warning-text',
  danger: 'bg-danger',
};

/** A state as a dot with its word, for table cells where a badge would be loud. */
export function StatusDot({ tone, className, children, ...props }: ComponentProps<'span'> & { tone: Tone }) {
  return (
    <span className={cn('inline-flex items-center gap-1.5 whitespace-nowrap', className)} {...props}>
      <span aria-hidden className={cn('size-1.5 rounded-full', dotTones[tone])} />
      {children}
    </span>
  );
}

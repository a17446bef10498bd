import { cva, type VariantProps } from 'class-variance-authority';
import { Slot } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

/** The classes of a button, for elements that only look like one (a link in a table cell, a label of a file input). */
export const buttonVariants = cva(
  [
    'inline-flex shrink-0 cursor-pointer select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium',
    'border border-transparent transition-colors duration-100 disabled:pointer-events-none disabled:opacity-50',
    "aria-disabled:pointer-events-none aria-disabled:opacity-50 [&_svg]:shrink-0 [&_svg:not([class*='size-'])]:size-3.5",
  ],
  {
    variants: {
      variant: {
        primary: 'bg-primary text-primary-foreground hover:bg-primary-hover',
        accent: 'bg-accent text-accent-foreground hover:bg-accent-hover',
        secondary: 'border-line-strong bg-surface text-foreground shadow-xs hover:bg-hover',
        ghost: 'text-muted-foreground hover:bg-hover hover:text-foreground',
        danger: 'bg-danger text-danger-foreground hover:bg-danger-hover',
        link: 'rounded-sm text-accent-text underline-offset-4 hover:underline',
      },
      size: {
        sm: 'h-7 px-2.5 text-xs',
        md: 'h-8 px-3 text-sm',
        lg: 'h-10 px-4 text-base',
        icon: 'size-8',
        'icon-sm': 'size-7',
      },
    },
    compoundVariants: [{ variant: 'link', class: 'h-auto px-0' }],
    defaultVariants: { variant: 'secondary', size: 'md' },
  },
);

/** What a button looks like: a native button plus its variant; `asChild` puts the look on the single child (a link). */
export type ButtonProps = ComponentProps<'button'> & VariantProps<typeof buttonVariants> & { asChild?: boolean };

/** A button. Its type is `button` unless said otherwise, so that one inside a form never submits by accident. */
export function Button({ className, variant, size, asChild = false, type, ...props }: ButtonProps) {
  const classes = cn(buttonVariants({ variant, size }), className);
  if (asChild) return <Slot.Root className={classes} {...props} />;
  return <button className={classes} type={type ?? 'button'} {...props} />;
}

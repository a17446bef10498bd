import type { ComponentProps } from 'react';
import { cn } from './cn.ts';

/** The look that every control for one line of input shares. */
export const controlClasses = cn(
  'w-full min-w-0 rounded-md border border-line-strong bg-surface text-foreground text-sm shadow-xs transition-colors',
  'placeholder:text-subtle-foreground disabled:cursor-not-allowed disabled:opacity-50',
  'focus-visible:border-ring focus-visible:outline-1 focus-visible:outline-offset-0',
  'aria-invalid:border-danger aria-invalid:outline-danger',
);

/** One line of text. Phones get 16px text, or Safari zooms into the field. */
export function Input({ className, type = 'text', ...props }: ComponentProps<'input'>) {
  return <input className={cn(controlClasses, 'h-8 px-2.5 max-sm:text-lg', className)} type={type} {...props} />;
}

/** Several lines of text; grows with its content where the browser can. */
export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return (
    <textarea
      className={cn(controlClasses, 'field-sizing-content min-h-20 px-2.5 py-1.5 max-sm:text-lg', className)}
      {...props}
    />
  );
}

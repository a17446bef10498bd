'use client';

import { X } from 'lucide-react';
import { Dialog as DialogPrimitive } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';

/** The state of a dialog: open or not, controlled or by its trigger. */
export const Dialog = DialogPrimitive.Root;
/** Opens the dialog; `asChild` makes its child the trigger. */
export const DialogTrigger = DialogPrimitive.Trigger;
/** Closes the dialog; `asChild` makes its child the closer. */
export const DialogClose = DialogPrimitive.Close;

/** The veil behind dialogs and sheets. */
export function DialogOverlay({ className, ...props }: ComponentProps<typeof DialogPrimitive.Overlay>) {
  return (
    <DialogPrimitive.Overlay
      className={cn('fixed inset-0 z-50 animate-fade-in bg-overlay backdrop-blur-[1px]', className)}
      {...props}
    />
  );
}

/** The cross in the corner. */
export function DialogCross() {
  return (
    <DialogPrimitive.Close className="absolute top-3 right-3 inline-flex size-7 cursor-pointer items-center justify-center rounded-sm text-subtle-foreground hover:bg-hover hover:text-foreground">
      <X aria-hidden className="size-4" />
      <span className="sr-only">Close</span>
    </DialogPrimitive.Close>
  );
}

/** The window itself. Needs a `DialogTitle` inside; without a `DialogDescription` pass `aria-describedby={undefined}`. */
export function DialogContent({ className, children, ...props }: ComponentProps<typeof DialogPrimitive.Content>) {
  return (
    <DialogPrimitive.Portal>
      <DialogOverlay />
      <DialogPrimitive.Content
        className={cn(
          'fixed top-[12vh] left-1/2 z-50 max-h-[80vh] w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 animate-fade-in overflow-y-auto',
          'rounded-xl border border-line-strong bg-raised p-5 shadow-lg outline-none',
          className,
        )}
        {...props}
      >
        {children}
        <DialogCross />
      </DialogPrimitive.Content>
    </DialogPrimitive.Portal>
  );
}

/** Title and description of a dialog. */
export function DialogHeader({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="mb-4 grid gap-1 pr-8">
      <DialogPrimitive.Title className="font-medium text-lg tracking-tight">{title}</DialogPrimitive.Title>
      {children ? (
        <DialogPrimitive.Description className="text-muted-foreground text-sm">{children}</DialogPrimitive.Description>
      ) : null}
    </div>
  );
}

/** The buttons at the end; the one that acts comes last. */
export function DialogFooter({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('mt-5 flex justify-end gap-2', className)} {...props} />;
}

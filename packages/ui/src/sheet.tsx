'use client';

import { Dialog as DialogPrimitive } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';
import { DialogCross, DialogOverlay } from './dialog.tsx';

/** The state of a sheet. */
export const Sheet = DialogPrimitive.Root;
/** Opens the sheet. */
export const SheetTrigger = DialogPrimitive.Trigger;
/** Closes the sheet; wrap links with it, so that a sheet does not stay over the page that they lead to. */
export const SheetClose = DialogPrimitive.Close;
/** The name of a sheet, required for screen readers. */
export const SheetTitle = DialogPrimitive.Title;

const sides = {
  left: 'left-0 animate-slide-in-left border-r',
  right: 'right-0 animate-slide-in-right border-l',
} as const;

/** A panel that comes in from the side over the page: details of a row, filters on a phone, the menu on a phone. */
export function SheetContent(props: ComponentProps<typeof DialogPrimitive.Content> & { side?: keyof typeof sides }) {
  const { className, children, side = 'right', ...rest } = props;
  return (
    <DialogPrimitive.Portal>
      <DialogOverlay />
      <DialogPrimitive.Content
        aria-describedby={undefined}
        className={cn(
          'fixed inset-y-0 z-50 flex w-[min(24rem,calc(100vw-3rem))] flex-col overflow-y-auto bg-raised p-4 shadow-lg outline-none',
          sides[side],
          className,
        )}
        {...rest}
      >
        {children}
        <DialogCross />
      </DialogPrimitive.Content>
    </DialogPrimitive.Portal>
  );
}

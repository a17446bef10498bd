'use client';

import { Popover as Primitive } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';
import { menuSurface } from './menu-classes.ts';

/** The state of a popover. */
export const Popover = Primitive.Root;
/** Opens the popover; `asChild` makes its child the trigger. */
export const PopoverTrigger = Primitive.Trigger;

/** A small window tied to its trigger, for a form of a few controls. */
export function PopoverContent({ className, align = 'start', ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content
        align={align}
        className={cn(menuSurface, 'w-72 p-3', className)}
        collisionPadding={8}
        sideOffset={6}
        {...props}
      />
    </Primitive.Portal>
  );
}

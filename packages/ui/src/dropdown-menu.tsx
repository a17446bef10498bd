'use client';

import { Check } from 'lucide-react';
import { DropdownMenu as Primitive } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from './cn.ts';
import { menuItem, menuSurface } from './menu-classes.ts';

/** The state of a menu. */
export const DropdownMenu = Primitive.Root;
/** Opens the menu; `asChild` makes its child the trigger. */
export const DropdownMenuTrigger = Primitive.Trigger;
/** A set of lines of which one is chosen. */
export const DropdownMenuRadioGroup = Primitive.RadioGroup;

/** The menu. */
export function DropdownMenuContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content align="end" className={cn(menuSurface, className)} sideOffset={6} {...props} />
    </Primitive.Portal>
  );
}

/** A line that does something; `asChild` turns it into a link. */
export function DropdownMenuItem({ className, ...props }: ComponentProps<typeof Primitive.Item>) {
  return <Primitive.Item className={cn(menuItem, className)} {...props} />;
}

/** A line that is one of a set; the chosen one has a tick. */
export function DropdownMenuRadioItem({ className, children, ...props }: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem className={cn(menuItem, 'pr-8', className)} {...props}>
      {children}
      <Primitive.ItemIndicator className="absolute right-2">
        <Check aria-hidden className="size-3.5" />
      </Primitive.ItemIndicator>
    </Primitive.RadioItem>
  );
}

/** A heading inside a menu. */
export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Primitive.Label>) {
  return <Primitive.Label className={cn('px-2 py-1.5 text-subtle-foreground text-xs', className)} {...props} />;
}

/** A hairline between groups. */
export function DropdownMenuSeparator({ className, ...props }: ComponentProps<typeof Primitive.Separator>) {
  return <Primitive.Separator className={cn('-mx-1 my-1 h-px bg-line', className)} {...props} />;
}

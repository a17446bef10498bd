import { cn } from './cn.ts';

/** The paper on which menus, selects and popovers are printed. */
export const menuSurface = cn(
  'z-50 max-h-(--radix-popper-available-height) min-w-40 animate-pop-in overflow-y-auto rounded-lg border border-line-strong',
  'bg-raised p-1 text-foreground shadow-md outline-none',
);

/** One line of a menu. */
export const menuItem = cn(
  'relative flex cursor-pointer select-none items-center gap-2 rounded-sm px-2 py-1.5 text-sm outline-none',
  'data-[disabled]:pointer-events-none data-[disabled]:opacity-50 data-[highlighted]:bg-hover',
  "[&_svg]:shrink-0 [&_svg:not([class*='size-'])]:size-4 [&_svg]:text-subtle-foreground",
);

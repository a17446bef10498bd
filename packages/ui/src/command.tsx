'use client';

import { Command as Primitive } from 'cmdk';
import { Search } from 'lucide-react';
import { Dialog as DialogPrimitive } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';
import { DialogOverlay } from './dialog.tsx';

/** Every word that was typed must occur as it is; cmdk's own fuzzy match finds "gpt" in almost anything. */
function matchesWords(value: string, search: string, keywords: readonly string[] = []): number {
  const haystack = [value, ...keywords].join(' ').toLowerCase();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => haystack.includes(word))) return 0;
  return value.toLowerCase().startsWith(words[0] ?? '') ? 1 : 0.8;
}

/** A palette: a field, and below it the lines that match what was typed. */
export function CommandDialog(props: {
  open: boolean;
  onOpenChange: (isOpen: boolean) => void;
  title: string;
  children: ReactNode;
}) {
  return (
    <DialogPrimitive.Root onOpenChange={props.onOpenChange} open={props.open}>
      <DialogPrimitive.Portal>
        <DialogOverlay />
        <DialogPrimitive.Content
          aria-describedby={undefined}
          className="fixed top-[14vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 animate-fade-in overflow-hidden rounded-xl border border-line-strong bg-raised shadow-lg outline-none"
        >
          <DialogPrimitive.Title className="sr-only">{props.title}</DialogPrimitive.Title>
          <Primitive className="flex max-h-[60vh] flex-col" filter={matchesWords} label={props.title} loop>
            {props.children}
          </Primitive>
        </DialogPrimitive.Content>
      </DialogPrimitive.Portal>
    </DialogPrimitive.Root>
  );
}

/** The field. */
export function CommandInput({ className, ...props }: ComponentProps<typeof Primitive.Input>) {
  return (
    <div className="flex items-center gap-2.5 border-b px-4">
      <Search aria-hidden className="size-4 shrink-0 text-subtle-foreground" />
      <Primitive.Input
        className={cn(
          'h-12 w-full bg-transparent text-base outline-none placeholder:text-subtle-foreground max-sm:text-lg',
          className,
        )}
        {...props}
      />
    </div>
  );
}

/** The lines. */
export function CommandList({ className, ...props }: ComponentProps<typeof Primitive.List>) {
  return <Primitive.List className={cn('overflow-y-auto overscroll-contain p-1.5', className)} {...props} />;
}

/** What shows when nothing matches. */
export function CommandEmpty(props: ComponentProps<typeof Primitive.Empty>) {
  return <Primitive.Empty className="py-10 text-center text-muted-foreground text-sm" {...props} />;
}

/** Lines under one heading. */
export function CommandGroup({ className, ...props }: ComponentProps<typeof Primitive.Group>) {
  return (
    <Primitive.Group
      className={cn(
        '[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-subtle-foreground [&_[cmdk-group-heading]]:text-xs',
        className,
      )}
      {...props}
    />
  );
}

/** One line. */
export function CommandItem({ className, ...props }: ComponentProps<typeof Primitive.Item>) {
  return (
    <Primitive.Item
      className={cn(
        'flex cursor-pointer select-none items-center gap-2.5 rounded-md px-2.5 py-2 text-sm data-[selected=true]:bg-hover',
        '[&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-subtle-foreground',
        className,
      )}
      {...props}
    />
  );
}

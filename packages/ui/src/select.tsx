'use client';

import { Check, ChevronDown } from 'lucide-react';
import { Select as Primitive } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';
import { controlClasses } from './input.tsx';
import { menuItem, menuSurface } from './menu-classes.ts';

/** One choice of a select. `value` is never empty: Radix keeps the empty string for "nothing chosen". */
export type SelectOption = { value: string; label: ReactNode };

/** What a select needs; name it with `aria-label` or by the label of its `id`. */
export type SelectProps = Omit<ComponentProps<typeof Primitive.Root>, 'children'> & {
  options: readonly SelectOption[];
  placeholder?: string;
  className?: string | undefined;
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: true | undefined;
};

/** One of several choices, as a list that opens. */
export function Select({ options, placeholder, className, id, ...props }: SelectProps) {
  const { 'aria-label': ariaLabel, 'aria-describedby': describedBy, 'aria-invalid': invalid, ...root } = props;
  return (
    <Primitive.Root {...root}>
      <Primitive.Trigger
        aria-describedby={describedBy}
        aria-invalid={invalid}
        aria-label={ariaLabel}
        className={cn(
          controlClasses,
          'inline-flex h-8 cursor-pointer items-center justify-between gap-2 px-2.5 text-left hover:bg-hover data-[placeholder]:text-subtle-foreground [&>span]:truncate',
          className,
        )}
        id={id}
      >
        <Primitive.Value placeholder={placeholder}>{labelOf(options, root.value)}</Primitive.Value>
        <ChevronDown aria-hidden className="size-3.5 shrink-0 text-subtle-foreground" />
      </Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          className={cn(menuSurface, 'min-w-(--radix-select-trigger-width)')}
          position="popper"
          sideOffset={4}
        >
          <Primitive.Viewport>
            {options.map((option) => (
              <Primitive.Item className={cn(menuItem, 'pr-8')} key={option.value} value={option.value}>
                <Primitive.ItemText>{option.label}</Primitive.ItemText>
                <Primitive.ItemIndicator className="absolute right-2">
                  <Check aria-hidden className="size-3.5" />
                </Primitive.ItemIndicator>
              </Primitive.Item>
            ))}
          </Primitive.Viewport>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** What is chosen, for the server: Radix itself finds it in the list only once it runs in the browser. Uncontrolled: left to Radix. */
function labelOf(options: readonly SelectOption[], value: string | undefined): ReactNode {
  return options.find((option) => option.value === value)?.label;
}

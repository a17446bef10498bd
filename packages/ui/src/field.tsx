import type { ComponentProps, ReactNode } from 'react';
import { cn } from './cn.ts';

/** The name of a control. `htmlFor` is the control's id. */
export function Label({ className, htmlFor, children }: ComponentProps<'label'> & { htmlFor: string }) {
  return (
    <label className={cn('font-medium text-sm', className)} htmlFor={htmlFor}>
      {children}
    </label>
  );
}

/** What a control gets from its field, to be spread on it. */
export type FieldControlProps = {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
};

/** A control with its label, a hint and an error, tied together for screen readers. `id` is the control's. */
export function Field(props: {
  id: string;
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  children: (control: FieldControlProps) => ReactNode;
}) {
  const describedBy = [props.hint && `${props.id}-hint`, props.error && `${props.id}-error`].filter(Boolean).join(' ');
  return (
    <div className="grid gap-1.5">
      <Label htmlFor={props.id}>{props.label}</Label>
      {props.children({
        id: props.id,
        'aria-describedby': describedBy === '' ? undefined : describedBy,
        'aria-invalid': props.error ? true : undefined,
      })}
      {props.hint ? (
        <p className="text-subtle-foreground text-xs" id={`${props.id}-hint`}>
          {props.hint}
        </p>
      ) : null}
      {props.error ? (
        <p className="text-danger-text text-xs" id={`${props.id}-error`} role="alert">
          {props.error}
        </p>
      ) : null}
    </div>
  );
}

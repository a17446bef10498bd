import type { ReactNode } from 'react';
import { cn } from './cn.ts';

/** A number with its name, as a term and its definition; put several into one `<dl>`. */
export function Stat(props: { label: ReactNode; value: ReactNode; note?: ReactNode; className?: string | undefined }) {
  return (
    <div className={cn('min-w-0', props.className)}>
      <dt className="text-subtle-foreground text-xs">{props.label}</dt>
      <dd className="numeric mt-0.5 font-medium text-xl tracking-tight">{props.value}</dd>
      {props.note ? <dd className="text-subtle-foreground text-xs">{props.note}</dd> : null}
    </div>
  );
}

import { cn } from '@bourse/ui';
import type { ReactNode } from 'react';

/** The width and margins that all pages share. */
export function PageBody({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={cn('mx-auto w-full max-w-(--page-width) px-4 py-8 sm:px-6', className)}>{children}</div>;
}

/** The head of a page: its name, one sentence, and on the right its controls. */
export function PageHeader(props: { title: ReactNode; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 className="font-semibold text-2xl">{props.title}</h1>
        {props.children ? <p className="mt-1 max-w-2xl text-pretty text-muted-foreground">{props.children}</p> : null}
      </div>
      {props.actions}
    </div>
  );
}

/** A part of a page with its heading. `id` makes it a place to link to. */
export function Section(props: {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  id?: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <section className={props.className} id={props.id}>
      <div className="mb-3 flex flex-wrap items-end justify-between gap-x-4 gap-y-2">
        <div>
          <h2 className="font-medium text-lg">{props.title}</h2>
          {props.description ? <p className="text-muted-foreground text-sm">{props.description}</p> : null}
        </div>
        {props.actions}
      </div>
      {props.children}
    </section>
  );
}

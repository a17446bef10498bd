import type { ReactNode } from 'react';

/** A chapter of the documentation, under its own address. */
export function DocsSection({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section aria-labelledby={`${id}-title`} id={id}>
      <h2 className="font-semibold text-xl" id={`${id}-title`}>
        <a className="rounded-sm hover:underline" href={`#${id}`}>
          {title}
        </a>
      </h2>
      <div className="mt-3 grid grid-cols-1 gap-4">{children}</div>
    </section>
  );
}

/** A paragraph of running text. */
export function Prose({ children }: { children: ReactNode }) {
  return <p className="text-pretty text-muted-foreground leading-6">{children}</p>;
}

/** A name from the API in running text. */
export function Term({ children }: { children: ReactNode }) {
  return <code className="rounded-xs bg-inset px-1 py-px font-mono text-foreground text-xs">{children}</code>;
}

const chapters = [
  ['quickstart', 'Quickstart'],
  ['authentication', 'Authentication'],
  ['streaming', 'Streaming'],
  ['routing', 'Routing and fallbacks'],
  ['errors', 'Errors'],
  ['pricing', 'Pricing and receipts'],
  ['reference', 'Reference'],
] as const;

/** The chapters, beside the text where there is room. */
export function DocsNav() {
  return (
    <nav aria-label="Chapters" className="sticky top-[calc(var(--header-height)+2rem)] hidden w-44 shrink-0 lg:block">
      <p className="mb-2 text-subtle-foreground text-xs">Documentation</p>
      <ul className="grid gap-px border-l">
        {chapters.map(([id, title]) => (
          <li key={id}>
            <a
              className="-ml-px block border-transparent border-l py-1 pl-3 text-muted-foreground text-sm hover:border-foreground hover:text-foreground"
              href={`#${id}`}
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/**
 * The mark: five rows of an order book that together read as a B. Drawn on a 20-unit grid in the text colour; the longest row, the
 * best offer, has the accent.
 */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg aria-hidden="true" className={className} fill="currentColor" viewBox="0 0 20 20">
      <rect height="2.4" rx="0.6" width="11" x="2" y="1.4" />
      <rect height="2.4" rx="0.6" width="14" x="2" y="5.1" />
      <rect height="2.4" rx="0.6" width="10" x="2" y="8.8" />
      <rect className="fill-accent" height="2.4" rx="0.6" width="16" x="2" y="12.5" />
      <rect height="2.4" rx="0.6" width="13" x="2" y="16.2" />
    </svg>
  );
}

/** Mark and word. */
export function Logo() {
  return (
    <span className="inline-flex items-center gap-2 font-semibold text-lg tracking-tight">
      <LogoMark className="size-5" />
      Bourse
    </span>
  );
}

/** Says on every page that the numbers are made up for a demonstration. Shown exactly while demo traffic is in the rankings. */
export function DemoRibbon() {
  return (
    <aside
      aria-label="Demo data"
      className="border-warning-line border-b bg-warning-soft px-4 py-1 text-center text-warning-text text-xs"
    >
      <strong className="font-medium">Demo data.</strong> Usage on this site includes traffic that was made up to show a
      living market.
    </aside>
  );
}

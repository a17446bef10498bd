/** Whether a proof runs at its full size (`pnpm test:storm` and the like) or in the short form that is part of `npm test`. */
const isFull = process.env['BOURSE_PROOF'] === 'full';

/** The number for this run: as promised, or small enough for every commit. */
export function sized(counts: { readonly full: number; readonly short: number }): number {
  return isFull ? counts.full : counts.short;
}

/** Prints what a proof has seen, in a full run only. */
export function tell(line: string): void {
  if (isFull) console.log(line);
}

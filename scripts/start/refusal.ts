/** A reason not to go on that a person can act on. It is shown as it is, without a stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** The sentence of a refusal, or the whole story of anything unexpected. */
export function describeError(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { z } from 'zod';

const attemptSchema = z.object({
  endpointId: z.string(),
  providerSlug: z.string(),
  modelSlug: z.string(),
  status: z.number(),
  outcome: z.string(),
  latencyMs: z.number(),
  /** What a failed attempt may cost; the house bears it. */
  costNanodollars: z.string().regex(/^\d+$/).optional(),
});

/** One call to one endpoint, as the gateway keeps it with the generation. `status` 0 = no answer came. */
export type AttemptRow = z.infer<typeof attemptSchema>;

/** The attempts of a generation. What does not look like one (written by an older gateway) is left out rather than shown wrong. */
export function attemptsOf(stored: readonly unknown[]): readonly AttemptRow[] {
  return stored.flatMap((attempt) => attemptSchema.safeParse(attempt).data ?? []);
}

/** The outcomes that the gateway writes, in words; a new one stands for itself. */
export function outcomeWords(outcome: string): string {
  return outcome === 'ok' ? 'Answered' : outcome.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());
}

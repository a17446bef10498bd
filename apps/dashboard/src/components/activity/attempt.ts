import { z } from 'zod';

const attemptSchema = z.object({
  endpointId: z.string(),
  providerSlug: z.string(),
  modelSlug: z.string(),
  /** Why it stood where it did in its plan; absent in older records. */
  reason: z.string().optional(),
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

const REASONS: Readonly<Record<string, string>> = {
  price_weighted: 'Drawn by price',
  by_price: 'Next by price',
  order: 'In provider.order',
  sorted_by_price: 'Cheapest first',
  sorted_by_throughput: 'Fastest first',
  sorted_by_latency: 'Quickest to begin first',
  sorted_by_quality: 'Best tool calls first',
  sticky: 'Has the conversation in its cache',
  own_key: 'Your own key',
  own_key_fallback: 'Your own key, kept for need',
  recent_outage_last: 'Failed a moment ago',
};

/** Why an endpoint stood where it did, in words; a new reason stands for itself, none for an older record. */
export function reasonWords(reason: string | undefined): string {
  if (reason === undefined) return '';
  return REASONS[reason] ?? reason.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());
}

/** The outcomes that the gateway writes, in words; a new one stands for itself. */
export function outcomeWords(outcome: string): string {
  return outcome === 'ok' ? 'Answered' : outcome.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase());
}

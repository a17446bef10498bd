import type { ReasoningRequest } from '@bourse/generation';

/** What share of the output each effort may think, where a provider takes a budget: OpenRouter's table (reasoning guide, read 2026-11). */
export const effortShares: Readonly<Record<NonNullable<ReasoningRequest['effort']>, number>> = {
  max: 0.95,
  xhigh: 0.95,
  high: 0.8,
  medium: 0.5,
  low: 0.2,
  minimal: 0.1,
  none: 0,
};

import { estimateMethod } from '@bourse/billing';

/** What a flag of a generation means for its charge. */
const sentences: Readonly<Record<string, string>> = {
  insured: 'The answer failed or was empty, so you pay nothing; the provider’s cost is ours.',
  cancelled: 'The call was cancelled: you pay for the prompt and what was delivered.',
  cancelled_drained: 'The call was cancelled, and this provider cannot be stopped: you pay for what it produced.',
  cancelled_early: 'The call was cancelled before its first token.',
  timeout: 'The answer took too long.',
  crash: 'We failed in the middle of it.',
  usage_rejected: 'The provider reported counts that cannot be true; they were not used.',
  money_spent: 'The answer was ended when it had delivered all that its money covers.',
  shortened: 'The provider was told to write less than was asked for, because the money reached no further.',
  capped: 'What was above the amount set aside, or above max_cost, is not charged.',
  clamped: 'The credits did not cover all of it; the rest is our loss.',
  attempts_insured: 'Attempts that failed first may cost us; you pay nothing for them.',
  late: 'It was charged after its hold had ended.',
  no_hold: 'It was charged without the amount that had been set aside for it.',
};

/** What happened to a charge on its way, in sentences. A flag that we have no words for, or that needs none, is left out. */
export function flagSentences(flags: readonly string[]): readonly string[] {
  const method = estimateMethod(flags);
  const known = flags.flatMap((flag) => sentences[flag] ?? []);
  if (!flags.includes('estimated')) return known;
  const how = method === null ? '' : `, by ${method}`;
  return [`The tokens were counted by us${how}: the provider gave no usable counts.`, ...known];
}

import type { Completion } from './completion.ts';
import type { SpoiltFault } from './faults.ts';
import type { Usage } from './usage.ts';

/** Counts that no honest provider reports; each variant breaks another assumption of whoever bills by them. */
function absurdUsage(usage: Usage, variant: number): Readonly<Record<string, unknown>> {
  const negative = { ...usage, prompt_tokens: -17, completion_tokens: -1, total_tokens: -18 };
  const huge = { ...usage, prompt_tokens: 9e15, completion_tokens: 1e21, total_tokens: 1e21 };
  const fractional = { ...usage, prompt_tokens: 3.5, completion_tokens: 0.1, total_tokens: 3.6 };
  const text = { ...usage, prompt_tokens: 'many', completion_tokens: '12', total_tokens: null };
  const mixed = {
    ...usage,
    prompt_tokens: -17,
    completion_tokens: 1_000_000_000_000,
    total_tokens: 4,
    prompt_tokens_details: { cached_tokens: 999_999 },
  };
  return [mixed, negative, huge, fractional, text][variant] ?? mixed;
}

/** The answer as the fault leaves it: without usage, with absurd usage, or with nothing in it. */
export function spoil(completion: Completion & { readonly usage: Usage }, fault: SpoiltFault): Completion {
  const { usage, ...unmetered } = completion;
  switch (fault.name) {
    case 'missing-usage':
      return unmetered;
    case 'absurd-usage':
      return { ...completion, usage: absurdUsage(usage, fault.parameter) };
    case 'empty': {
      const nothing = { reasoning: '', content: '', toolCalls: [], reasoningTokens: 0, completionTokens: 0 };
      return {
        ...completion,
        choices: completion.choices.map((choice) => ({ ...choice, ...nothing })),
        usage: { ...usage, completion_tokens: 0, total_tokens: usage.prompt_tokens },
        isFinishBlank: true,
      };
    }
    // The pace is late, the answer is good.
    case 'slow-first-byte':
      return completion;
  }
}

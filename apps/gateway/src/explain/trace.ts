import type { Prompt } from '@bourse/generation';
import type { Nanodollars } from '@bourse/money';
import type { Candidate, RoutePlan } from '@bourse/routing';
import type { AttemptLog } from '../generate/attempt-failure.ts';

/** Our header for it, and OpenRouter's, today's and of old (reference: its router metadata guide, 2026-08). */
const HEADERS = ['x-bourse-metadata', 'x-openrouter-metadata', 'x-openrouter-experimental-metadata'];

/** What a trace reads of a plan's result. */
type Result =
  | {
      readonly kind: 'answered';
      readonly attempt: { readonly log: readonly AttemptLog[]; readonly candidate: Candidate };
    }
  | { readonly kind: 'failed'; readonly log: readonly AttemptLog[] };

/** What a request decided and did, gathered while it runs, for a client that asked to be told. */
export class Trace {
  #planned: { readonly prompt: Prompt; readonly plan: RoutePlan } | null = null;
  #held: Nanodollars | null = null;
  #attempts: readonly AttemptLog[] = [];
  #chosen: Candidate | null = null;

  /** Null before there was a plan. */
  get planned(): { readonly prompt: Prompt; readonly plan: RoutePlan } | null {
    return this.#planned;
  }

  /** What was set aside; null before that. */
  get held(): Nanodollars | null {
    return this.#held;
  }

  get attempts(): readonly AttemptLog[] {
    return this.#attempts;
  }

  /** Who answered; null when nobody did. */
  get chosen(): Candidate | null {
    return this.#chosen;
  }

  plan(prompt: Prompt, plan: RoutePlan): void {
    this.#planned = { prompt, plan };
  }

  hold(amount: Nanodollars): void {
    this.#held = amount;
  }

  /** Takes in what the plan came to, and gives it back. */
  result<Of extends Result>(result: Of): Of {
    const isAnswered = result.kind === 'answered';
    this.#attempts = isAnswered ? result.attempt.log : result.log;
    this.#chosen = isAnswered ? result.attempt.candidate : null;
    return result;
  }
}

/** A trace for a request that asks for one by `enabled` in a header; any other value asks for none. */
export function traceFor(header: (name: string) => string | null): Trace | null {
  for (const name of HEADERS) if (header(name) === 'enabled') return new Trace();
  return null;
}

import type { Prompt } from '@bourse/generation';
import type { Weight } from '../admission/pass.ts';
import type { Deps } from '../deps.ts';
import type { RoutedPlan } from './plan.ts';

/** English prose has four to five bytes per token, code and other scripts three. */
const BYTES_PER_TOKEN = 4;
/** What an answer without a bound is taken to be: most are shorter, and what it is more is counted when it is known. */
const OUTPUT_TOKENS_USUAL = 1_000;

/** What a request counts with against the limits before it is answered. */
export function weightOf(prompt: Prompt, route: RoutedPlan, deps: Pick<Deps, 'catalog'>): Weight {
  const { models } = deps.catalog();
  return {
    tokens: Math.ceil(prompt.inputBytes / BYTES_PER_TOKEN) + (prompt.outputTokensMax ?? OUTPUT_TOKENS_USUAL),
    // One of several is enough: else a list of models would be a way around.
    isFree: route.candidates.some(({ endpoint }) => models.get(endpoint.modelSlug)?.variant === 'free'),
  };
}

import type { ServiceTier } from '@bourse/catalog';
import type { JsonObject, Prompt } from '@bourse/generation';
import type { Candidate } from '@bourse/routing';

/** The words by which a request asks this market for a tier; a provider's own words, such as `standard_only`, are passed on. */
const TIER_WORDS: ReadonlySet<string> = new Set(['priority', 'fast', 'flex']);

function withTier(prompt: Prompt, tier: ServiceTier): Prompt {
  const { service_tier: _asked, ...rest } = prompt.source.body;
  const { serviceTier: _said, ...others } = prompt;
  // A plain object: JsonObject of the client's own body, less one field or with another value in it.
  const body: JsonObject = tier === 'default' ? rest : { ...rest, service_tier: tier };
  const said = tier === 'default' ? others : { ...others, serviceTier: tier };
  return { ...said, source: { ...prompt.source, body } };
}

/** How hard a model thinks that is asked to and not told how: OpenRouter's middle. */
const THINKING = { effort: 'medium' } as const;

/**
 * The prompt as an endpoint is asked it: for the tier whose prices it has, so that a fallback is never served, and billed to us, at a tier
 * that the customer does not pay for; and thinking, where `:thinking` was asked for and the request does not say how.
 */
export function promptFor({ endpoint, isThinkingOn }: Candidate, prompt: Prompt): Prompt {
  const { serviceTier } = prompt;
  const isTierSaid =
    serviceTier === undefined ? endpoint.serviceTier === 'default' : serviceTier === endpoint.serviceTier;
  const isOther = !isTierSaid && (endpoint.serviceTier !== 'default' || TIER_WORDS.has(serviceTier ?? ''));
  const tiered = isOther ? withTier(prompt, endpoint.serviceTier) : prompt;
  return isThinkingOn && tiered.reasoning === undefined ? { ...tiered, reasoning: THINKING } : tiered;
}

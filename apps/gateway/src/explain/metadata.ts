import type { JsonObject, Prompt } from '@bourse/generation';
import { formatUsd } from '@bourse/money';
import type { RoutePlan } from '@bourse/routing';
import type { ExtraMembers } from '@bourse/wire';
import type { Deps } from '../deps.ts';
import {
  attemptShape,
  candidateShape,
  candidatesOf,
  exclusionShape,
  type ProviderName,
  termsShape,
} from './plan-shape.ts';
import type { Trace } from './trace.ts';

/** Of names that nobody has; all that exist are shorter. */
const NAME_LENGTH_MAX = 200;

type Planned = NonNullable<Trace['planned']>;

interface Asked {
  readonly planned: Planned;
  readonly trace: Trace;
}

/** OpenRouter's words for how a model came to be asked (reference: schema RoutingStrategy of its OpenAPI document, 2026-08). */
type Strategy = 'direct' | 'auto' | 'free' | 'latest' | 'alias' | 'fallback';

function modelsOf(plan: RoutePlan): ReadonlySet<string> {
  const considered = [...candidatesOf(plan).map(({ endpoint }) => endpoint), ...plan.excluded];
  return new Set(considered.map(({ modelSlug }) => modelSlug));
}

/** A router or an alias by the name that was asked for; then whether there were models to fall back to. */
function strategyOf({ prompt, plan }: Planned): Strategy {
  const { model } = prompt;
  if (/^(?:bourse|openrouter)\/auto\b/.test(model)) return 'auto';
  if (/^(?:bourse|openrouter)\/free$/.test(model)) return 'free';
  if (model.startsWith('~')) return 'latest';
  if (prompt.modelFallbacks.length > 0) return 'fallback';
  const models = modelsOf(plan);
  const isOwnName = models.size === 0 || models.has(model) || models.has(model.slice(0, model.lastIndexOf(':')));
  return isOwnName ? 'direct' : 'alias';
}

/** OpenRouter's block, field by field as its clients read it. Nothing is known of regions here. */
function openrouterMetadata({ planned, trace }: Asked, nameOf: ProviderName): JsonObject {
  const { plan, prompt } = planned;
  const { chosen, attempts } = trace;
  const candidates = candidatesOf(plan);
  const selected = chosen === null ? 'none' : nameOf(chosen.endpoint.providerSlug);
  return {
    requested: prompt.model.slice(0, NAME_LENGTH_MAX),
    strategy: strategyOf(planned),
    region: null,
    summary: `available=${candidates.length}, selected=${selected}`,
    attempt: attempts.length,
    is_byok: false,
    endpoints: {
      total: candidates.length + plan.excluded.length,
      available: candidates.map(({ endpoint: { id, providerSlug, modelSlug } }) => ({
        provider: nameOf(providerSlug),
        model: modelSlug,
        selected: id === chosen?.endpoint.id,
      })),
    },
    attempts: attempts.map(({ providerSlug, modelSlug, status }) => ({
      provider: nameOf(providerSlug),
      model: modelSlug,
      status,
    })),
  };
}

/** Why the one that answered did: its place in the order, and what became of those before it. */
function chosenShape({ planned, trace: { chosen, attempts } }: Asked, nameOf: ProviderName): JsonObject | null {
  if (chosen === null) return null;
  const index = candidatesOf(planned.plan).indexOf(chosen);
  const failed = attempts.slice(0, -1).map(({ providerSlug, outcome }) => `${nameOf(providerSlug)}: ${outcome}`);
  const why =
    failed.length === 0
      ? 'It was asked first, and answered.'
      : `It answered after ${failed.length} before it had not (${failed.join(', ')}).`;
  return { ...candidateShape(chosen, index, nameOf), why, ...termsShape(chosen) };
}

function requestedModels({ model, modelFallbacks }: Prompt): readonly string[] {
  return [model, ...modelFallbacks].map((name) => name.slice(0, NAME_LENGTH_MAX));
}

/** What OpenRouter's block has no place for: every endpoint with its reason, every attempt with its outcome, the prices. */
function bourseMetadata(asked: Asked, nameOf: ProviderName): JsonObject {
  const { planned, trace } = asked;
  const { plan, prompt } = planned;
  return {
    requested_models: requestedModels(prompt),
    order: candidatesOf(plan).map((candidate, index) => candidateShape(candidate, index, nameOf)),
    excluded: plan.excluded.map((exclusion) => exclusionShape(exclusion, nameOf)),
    attempts: trace.attempts.map((attempt) => attemptShape(attempt, nameOf)),
    chosen: chosenShape(asked, nameOf),
    held_usd: trace.held === null ? null : formatUsd(trace.held),
  };
}

/** The members to add for a client that asked for them; null when it did not, or before there was a plan to tell of. */
export function metadataMembers(trace: Trace | null, deps: Pick<Deps, 'catalog'>): ExtraMembers | null {
  if (trace === null || trace.planned === null) return null;
  const { providers } = deps.catalog();
  const nameOf = (slug: string): string => providers.get(slug)?.name ?? slug;
  const asked = { planned: trace.planned, trace };
  return new Map([
    ['openrouter_metadata', JSON.stringify(openrouterMetadata(asked, nameOf))],
    ['bourse_metadata', JSON.stringify(bourseMetadata(asked, nameOf))],
  ]);
}

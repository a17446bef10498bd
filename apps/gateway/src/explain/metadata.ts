import type { JsonObject, Prompt } from '@bourse/generation';
import { formatUsd } from '@bourse/money';
import type { RouteStrategy } from '@bourse/routing';
import type { ExtraMembers } from '@bourse/wire';
import type { Deps } from '../deps.ts';
import { requestedModels } from './availability.ts';
import {
  attemptShape,
  candidateShape,
  candidatesOf,
  exclusionShape,
  type ProviderName,
  providerNames,
  termsShape,
} from './plan-shape.ts';
import type { Trace } from './trace.ts';

type Planned = NonNullable<Trace['planned']>;

interface Asked {
  readonly planned: Planned;
  readonly trace: Trace;
}

/** OpenRouter's words for how a model came to be asked (reference: schema RoutingStrategy of its OpenAPI document, 2026-08). */
type Strategy = RouteStrategy | 'fallback';

/** A router by the name that was asked for; else whether there were models to fall back to; else how the name was understood. */
function strategyOf({ prompt, plan }: Planned): Strategy {
  const strategy = plan.models[0]?.strategy ?? 'direct';
  if (strategy === 'auto' || strategy === 'free') return strategy;
  return prompt.modelFallbacks.length > 0 ? 'fallback' : strategy;
}

/** What plugins did, with the request and with the answer. */
function pipelineShape({ plugged }: Prompt): readonly JsonObject[] {
  return (plugged?.pipeline ?? []).map(({ type, name, summary, data }) => ({ type, name, summary, data }));
}

/** OpenRouter's block, field by field as its clients read it. Nothing is known of regions here. */
function openrouterMetadata({ planned, trace }: Asked, nameOf: ProviderName): JsonObject {
  const { plan, prompt } = planned;
  const { chosen, attempts } = trace;
  const candidates = candidatesOf(plan);
  const selected = chosen === null ? 'none' : nameOf(chosen.endpoint.providerSlug);
  return {
    requested: requestedModels(prompt)[0] ?? '',
    strategy: strategyOf(planned),
    region: null,
    summary: `available=${candidates.length}, selected=${selected}`,
    attempt: attempts.length,
    is_byok: chosen !== null && chosen.credential !== null,
    endpoints: {
      total: candidates.length + plan.excluded.length,
      available: candidates.map(({ endpoint: { id, providerSlug, modelSlug } }) => ({
        provider: nameOf(providerSlug),
        model: modelSlug,
        selected: id === chosen?.endpoint.id,
      })),
    },
    pipeline: pipelineShape(prompt),
    attempts: attempts.map(({ providerSlug, modelSlug, status }) => ({
      provider: nameOf(providerSlug),
      model: modelSlug,
      status,
    })),
  };
}

function becauseOf(failed: readonly string[], index: number): string {
  if (failed.length > 0) return `It answered after ${failed.length} before it had not (${failed.join(', ')}).`;
  return index === 0
    ? 'It was asked first, and answered.'
    : 'It was asked first, because those before it are left alone for a moment, and answered.';
}

/** Why the one that answered did: its place in the order, and what became of those before it. */
function chosenShape({ planned, trace: { chosen, attempts } }: Asked, nameOf: ProviderName): JsonObject | null {
  if (chosen === null) return null;
  const index = candidatesOf(planned.plan).indexOf(chosen);
  const failed = attempts.slice(0, -1).map(({ providerSlug, outcome }) => `${nameOf(providerSlug)}: ${outcome}`);
  return {
    ...candidateShape(chosen, index, nameOf),
    chosen_because: becauseOf(failed, index),
    ...termsShape(chosen),
  };
}

/** What OpenRouter's block has no place for: every endpoint with its reason, every attempt with its outcome, the prices. */
function bourseMetadata(asked: Asked, nameOf: ProviderName): JsonObject {
  const { planned, trace } = asked;
  const { plan, prompt } = planned;
  return {
    requested_models: requestedModels(prompt),
    models: plan.models.map(({ requested, slug, strategy, variants }) => ({
      requested,
      model: slug,
      strategy,
      variants,
    })),
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
  const nameOf = providerNames(deps);
  const asked = { planned: trace.planned, trace };
  return new Map([
    ['openrouter_metadata', JSON.stringify(openrouterMetadata(asked, nameOf))],
    ['bourse_metadata', JSON.stringify(bourseMetadata(asked, nameOf))],
  ]);
}

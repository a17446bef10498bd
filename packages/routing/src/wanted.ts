import { type CatalogSnapshot, resolveModelSlug } from '@bourse/catalog';
import { type VariantWishes, wishesOf } from './asked.ts';
import { factsOf, type ModelFacts } from './facts.ts';
import type { PlanInput, PlannedModel, RouteStrategy } from './types.ts';

/** A model that a request named, and what else the name asked for. */
export interface WantedModel {
  readonly model: ModelFacts;
  readonly wishes: VariantWishes;
  readonly planned: PlannedModel;
}

/** What the names of a request came to. */
export interface Wanted {
  readonly requested: readonly string[];
  /** Each model once, in the order of the names. */
  readonly wanted: readonly WantedModel[];
  readonly unknown: readonly string[];
  /** One of the unknown is a model that has left the catalog. */
  readonly isExpired: boolean;
}

/** Longer chains of successors are a mistake in the catalog. */
const SUCCESSORS_MAX = 5;

/** The model itself, or once it has left the catalog the one that succeeds it; null when nothing does. */
function current(catalog: CatalogSnapshot, slug: string, nowMs: number): ModelFacts | null {
  let facts = factsOf(catalog, slug);
  for (let hops = 0; facts !== null && facts.expiresAtMs <= nowMs; hops += 1) {
    const { successorSlug } = facts.model;
    facts = successorSlug === null || hops === SUCCESSORS_MAX ? null : factsOf(catalog, successorSlug);
  }
  return facts;
}

function strategyOf(via: 'slug' | 'canonical' | 'alias', name: string, isSucceeded: boolean): RouteStrategy {
  if (isSucceeded) return 'alias';
  if (via !== 'alias') return 'direct';
  return name.startsWith('~') ? 'latest' : 'alias';
}

function wantedModel({ catalog, nowMs }: PlanInput, name: string): WantedModel | 'unknown' | 'expired' {
  const resolved = resolveModelSlug(catalog, name);
  if (resolved === null) return 'unknown';
  const model = current(catalog, resolved.slug, nowMs);
  if (model === null) return 'expired';
  const { slug } = model.model;
  const strategy = strategyOf(resolved.via, name, slug !== resolved.slug);
  const planned = { requested: name, slug, strategy, variants: resolved.variants };
  return { model, wishes: wishesOf(resolved.variants), planned };
}

/** The models that a request names: `model`, then `models`, each once. */
export function wantedModels(input: PlanInput): Wanted {
  const { model, modelFallbacks } = input.prompt;
  const requested = modelFallbacks.length === 0 ? [model] : [...new Set([model, ...modelFallbacks])];
  const wanted: WantedModel[] = [];
  const unknown: string[] = [];
  let isExpired = false;
  for (const name of requested) {
    const found = wantedModel(input, name);
    if (typeof found === 'string') {
      unknown.push(name);
      isExpired ||= found === 'expired';
    } else if (!wanted.some((other) => other.model === found.model)) wanted.push(found);
  }
  return { requested, wanted, unknown, isExpired };
}

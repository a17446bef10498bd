import { type CatalogSnapshot, isVariant, resolveModelSlug } from '@bourse/catalog';
import { type VariantWishes, wishesOf } from './asked.ts';
import { factsOf, type ModelFacts } from './facts.ts';
import { autoModels } from './routers/auto.ts';
import { freeModels } from './routers/free.ts';
import type { PlanInput, PlannedModel, RouteStrategy } from './types.ts';

/** What one name came to: a model, or the models that a router would choose from, the best first. */
export interface Choice {
  readonly models: readonly ModelFacts[];
  readonly isRouter: boolean;
  /** What else the name asked for. */
  readonly wishes: VariantWishes;
  readonly requested: string;
  readonly strategy: RouteStrategy;
}

/** A model of a choice, as a plan tells of it. */
export function plannedModel(
  { requested, strategy, wishes: { variants } }: Choice,
  { model }: ModelFacts,
): PlannedModel {
  return { requested, slug: model.slug, strategy, variants };
}

/** What the names of a request came to. */
export interface Wanted {
  readonly requested: readonly string[];
  /** In the order of the names; a model that two names mean is there once. */
  readonly choices: readonly Choice[];
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

function named({ catalog, nowMs }: PlanInput, name: string): Choice | 'unknown' | 'expired' {
  const resolved = resolveModelSlug(catalog, name);
  if (resolved === null) return 'unknown';
  const model = current(catalog, resolved.slug, nowMs);
  if (model === null) return 'expired';
  const strategy = strategyOf(resolved.via, name, model.model.slug !== resolved.slug);
  return { models: [model], isRouter: false, wishes: wishesOf(resolved.variants), requested: name, strategy };
}

const routers: Readonly<Record<string, RouteStrategy & ('auto' | 'free')>> = {
  'bourse/auto': 'auto',
  'openrouter/auto': 'auto',
  'openrouter/auto-beta': 'auto',
  'bourse/free': 'free',
  'openrouter/free': 'free',
};

/** The model of the endpoint that answered this conversation before goes first, while it is among them. */
function withStickyModelFirst(models: readonly ModelFacts[], stickyEndpointId: string | null | undefined) {
  if (!stickyEndpointId) return models;
  const slug = stickyEndpointId.slice(0, stickyEndpointId.lastIndexOf('@'));
  const sticky = models.find(({ model }) => model.slug === slug);
  return sticky === undefined ? models : [sticky, ...models.filter((other) => other !== sticky)];
}

/** The models behind a router's name, suffixes for the order of their endpoints included; null for any other name. */
function routed(input: PlanInput, name: string): Choice | null {
  const colon = name.indexOf(':');
  const base = colon < 0 ? name : name.slice(0, colon);
  const strategy = Object.hasOwn(routers, base) ? routers[base] : undefined;
  if (strategy === undefined) return null;
  const suffixes = colon < 0 ? [] : name.slice(colon + 1).split(':');
  if (!suffixes.every(isVariant)) return null;
  const ranked = strategy === 'auto' ? autoModels(input) : freeModels(input);
  const asked = wishesOf(suffixes.filter(isVariant));
  const wishes = strategy === 'free' ? { ...asked, isFreeOnly: true } : asked;
  const models = withStickyModelFirst(ranked, input.stickyEndpointId);
  return { models, isRouter: true, wishes, requested: name, strategy };
}

/** What a request's names mean: `model`, then `models`. Throws AppError `invalid_request` for options of a router that are none. */
export function wantedModels(input: PlanInput): Wanted {
  const { model, modelFallbacks } = input.prompt;
  const requested = modelFallbacks.length === 0 ? [model] : [...new Set([model, ...modelFallbacks])];
  const choices: Choice[] = [];
  const unknown: string[] = [];
  let isExpired = false;
  for (const name of requested) {
    const router = routed(input, name);
    if (router !== null) {
      choices.push(router);
      continue;
    }
    const found = named(input, name);
    if (typeof found === 'string') {
      unknown.push(name);
      isExpired ||= found === 'expired';
    } else if (!choices.some(({ isRouter, models }) => !isRouter && models[0] === found.models[0])) {
      choices.push(found);
    }
  }
  return { requested, choices, unknown, isExpired };
}

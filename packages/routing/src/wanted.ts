import { type CatalogSnapshot, isVariant, resolveModelSlug } from '@bourse/catalog';
import { type VariantWishes, wishesOf } from './asked.ts';
import { factsOf, type ModelFacts } from './facts.ts';
import { autoModels } from './routers/auto.ts';
import { freeModels } from './routers/free.ts';
import type { PlanInput, PlannedModel, RouteStrategy } from './types.ts';

/** A model that a request named, and what else the name asked for. */
export interface WantedModel {
  readonly model: ModelFacts;
  readonly wishes: VariantWishes;
  readonly planned: PlannedModel;
}

/** What one name came to: a model, or the models that a router would choose from, the best first. */
export interface Choice {
  readonly models: readonly WantedModel[];
  readonly isRouter: boolean;
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
  const [base = '', ...suffixes] = name.split(':');
  const strategy = Object.hasOwn(routers, base) ? routers[base] : undefined;
  if (strategy === undefined || !suffixes.every(isVariant)) return null;
  const ranked = strategy === 'auto' ? autoModels(input) : freeModels(input);
  const wishes = { ...wishesOf(suffixes.filter(isVariant)), ...(strategy === 'free' ? { isFreeOnly: true } : {}) };
  const current = ranked.filter(({ expiresAtMs }) => expiresAtMs > input.nowMs);
  const models = withStickyModelFirst(current, input.stickyEndpointId).map((model) => {
    return { model, wishes, planned: { requested: name, slug: model.model.slug, strategy, variants: suffixes } };
  });
  return { models, isRouter: true };
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
    const found = wantedModel(input, name);
    if (typeof found === 'string') {
      unknown.push(name);
      isExpired ||= found === 'expired';
    } else if (!choices.some(({ isRouter, models }) => !isRouter && models[0]?.model === found.model)) {
      choices.push({ models: [found], isRouter: false });
    }
  }
  return { requested, choices, unknown, isExpired };
}

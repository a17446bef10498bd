import { estimateUpperBound } from '@bourse/billing';
import { type CatalogSnapshot, type Endpoint, type Model, type ModelVariant, resolveModelSlug } from '@bourse/catalog';
import { contentTypesOf, exclusionReasonOf, supportsResponseFormat } from './exclusion.ts';
import { orderOffers } from './order.ts';
import type { Candidate, Exclusion, ExclusionReason, Offer, PlanInput, RoutePlan } from './types.ts';
import { unroutable } from './unroutable.ts';

/** More attempts than this would make a customer wait longer than a clear error is worth. */
const CANDIDATES_MAX = 5;

interface WantedModel {
  readonly model: Model;
  readonly variant: ModelVariant | null;
}

/** The ordered offers of one model and the endpoints that were left out. */
interface ModelPlan {
  readonly offers: readonly Offer[];
  readonly excluded: readonly Exclusion[];
}

function exclude(endpoint: Endpoint, reason: ExclusionReason, lacking: string | null = null): Exclusion {
  const { id: endpointId, modelSlug, providerSlug } = endpoint;
  const isFeature = reason === 'feature_unsupported' && lacking !== null;
  return { endpointId, modelSlug, providerSlug, reason, ...(isFeature ? { feature: lacking } : {}) };
}

function wantedModel(catalog: CatalogSnapshot, name: string): WantedModel | null {
  const resolved = resolveModelSlug(catalog, name);
  const model = resolved && catalog.models.get(resolved.slug);
  return resolved && model ? { model, variant: resolved.variant } : null;
}

function planModel({ model, variant }: WantedModel, input: PlanInput): ModelPlan {
  const { prompt, catalog } = input;
  const contentTypes = contentTypesOf(prompt);
  const excluded: Exclusion[] = [];
  const allowed: Offer[] = [];
  for (const endpoint of catalog.endpointsByModel.get(model.slug) ?? []) {
    const markupBps = endpoint.markupBps ?? input.markupBpsDefault;
    const lacking = input.lacks(endpoint);
    const reason = exclusionReasonOf({
      endpoint,
      model,
      variant,
      prompt,
      contentTypes,
      markupBps,
      isSandboxProvider: catalog.providers.get(endpoint.providerSlug)?.isSandbox ?? false,
      isConfigured: input.configuredProviders.has(endpoint.providerSlug),
      isStopped: input.isStopped(endpoint),
      lacking,
    });
    if (reason === null) allowed.push({ endpoint, markupBps });
    else excluded.push(exclude(endpoint, reason, lacking));
  }

  const preferred = allowed.filter(({ endpoint }) => supportsResponseFormat(endpoint, prompt));
  const kept = preferred.length > 0 ? preferred : allowed;
  if (kept.length < allowed.length) {
    for (const offer of allowed)
      if (!kept.includes(offer)) excluded.push(exclude(offer.endpoint, 'response_format_unsupported'));
  }

  const { order = [], sort, allowFallbacks } = prompt.preferences;
  const isCheapestFirst = sort === 'price' || (sort === undefined && variant === 'floor');
  const offers = orderOffers(kept, { isCheapestFirst, named: order }, input);
  // With a list of providers the filter has kept the listed ones, and all of them may be tried.
  if (allowFallbacks !== false || order.length > 0) return { offers, excluded };
  excluded.push(...offers.slice(1).map(({ endpoint }) => exclude(endpoint, 'fallbacks_disallowed')));
  return { offers: offers.slice(0, 1), excluded };
}

/** Cuts to the limit, in order, but lets every model keep its first endpoint: a fallback that is never tried is none. */
function limited(plans: readonly ModelPlan[]): ModelPlan {
  const [only] = plans;
  if (only !== undefined && plans.length === 1 && only.offers.length <= CANDIDATES_MAX) return only;
  const offers = plans.flatMap((plan) => plan.offers);
  const excluded = plans.flatMap((plan) => plan.excluded);
  if (offers.length <= CANDIDATES_MAX) return { offers, excluded };
  const chosen = new Set(plans.flatMap((plan) => plan.offers.slice(0, 1)).slice(0, CANDIDATES_MAX));
  for (const offer of offers) {
    if (chosen.size < CANDIDATES_MAX) chosen.add(offer);
  }
  const cut = offers.filter((offer) => !chosen.has(offer));
  return {
    offers: offers.filter((offer) => chosen.has(offer)),
    excluded: [...excluded, ...cut.map(({ endpoint }) => exclude(endpoint, 'candidate_limit'))],
  };
}

/**
 * Decides which endpoints may serve a prompt and in which order. Pure: the same input and draws give the same plan, so a
 * route can be explained and replayed. Every endpoint of every model asked for is either a candidate or in `excluded`.
 *
 * Order: the models as asked for; within a model the endpoints of `provider.order`, then the rest by price when
 * `provider.sort` is `price` or the name ends in `:floor`, else one drawn with weight 1/price^2 among the healthy, the
 * other healthy ones by price, and those with an outage last. `:nitro` and the sorts by throughput, latency and quality
 * are accepted and ordered by default. Throws AppError `invalid_request` for a `provider.max_price` that is no price.
 */
export function planRoute(input: PlanInput): RoutePlan {
  const { prompt, catalog } = input;
  const requestedModels = [...new Set([prompt.model, ...prompt.modelFallbacks])];
  const unknownModels: string[] = [];
  const wanted = new Map<string, WantedModel>();
  for (const name of requestedModels) {
    const found = wantedModel(catalog, name);
    if (found === null) unknownModels.push(name);
    else if (!wanted.has(found.model.slug)) wanted.set(found.model.slug, found);
  }

  const { offers, excluded } = limited([...wanted.values()].map((model) => planModel(model, input)));
  const [first, ...others] = offers.map(({ endpoint, markupBps }): Candidate => {
    return { endpoint, markupBps, bound: estimateUpperBound({ prompt, endpoint, markupBps }) };
  });
  const model = first && catalog.models.get(first.endpoint.modelSlug);
  if (first === undefined || model === undefined) {
    return unroutable({ input, requestedModels, models: [...wanted.keys()], excluded });
  }
  return { kind: 'routed', model, candidates: [first, ...others], excluded, unknownModels };
}

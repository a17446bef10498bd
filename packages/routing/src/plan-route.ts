import { estimateUpperBound } from '@bourse/billing';
import { type CatalogSnapshot, type Model, type ModelVariant, resolveModelSlug } from '@bourse/catalog';
import { exclusionReasonOf, supportsResponseFormat } from './exclusion.ts';
import { orderCandidates } from './order.ts';
import type { Candidate, Exclusion, ExclusionReason, PlanInput, RoutePlan } from './types.ts';
import { unroutable } from './unroutable.ts';

/** More attempts than this would make a customer wait longer than a clear error is worth. */
const CANDIDATES_MAX = 5;

interface WantedModel {
  readonly model: Model;
  readonly variant: ModelVariant | null;
}

/** The ordered candidates of one model and the endpoints that were left out. */
interface ModelPlan {
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly Exclusion[];
}

function exclude({ endpoint }: Pick<Candidate, 'endpoint'>, reason: ExclusionReason): Exclusion {
  return { endpointId: endpoint.id, modelSlug: endpoint.modelSlug, providerSlug: endpoint.providerSlug, reason };
}

function wantedModel(catalog: CatalogSnapshot, name: string): WantedModel | null {
  const resolved = resolveModelSlug(catalog, name);
  const model = resolved && catalog.models.get(resolved.slug);
  return resolved && model ? { model, variant: resolved.variant } : null;
}

function planModel({ model, variant }: WantedModel, input: PlanInput): ModelPlan {
  const { prompt, catalog } = input;
  const excluded: Exclusion[] = [];
  const allowed: Candidate[] = [];
  for (const endpoint of catalog.endpointsByModel.get(model.slug) ?? []) {
    const markupBps = endpoint.markupBps ?? input.markupBpsDefault;
    const reason = exclusionReasonOf({
      endpoint,
      model,
      variant,
      prompt,
      markupBps,
      isSandboxProvider: catalog.providers.get(endpoint.providerSlug)?.isSandbox ?? false,
      isConfigured: input.configuredProviders.has(endpoint.providerSlug),
    });
    if (reason !== null) excluded.push(exclude({ endpoint }, reason));
    else allowed.push({ endpoint, markupBps, bound: estimateUpperBound({ prompt, endpoint, markupBps }) });
  }

  const preferred = allowed.filter(({ endpoint }) => supportsResponseFormat(endpoint, prompt));
  const kept = preferred.length > 0 ? preferred : allowed;
  for (const candidate of allowed) {
    if (!kept.includes(candidate)) excluded.push(exclude(candidate, 'response_format_unsupported'));
  }

  const { order = [], sort, allowFallbacks } = prompt.preferences;
  const isCheapestFirst = sort === 'price' || (sort === undefined && variant === 'floor');
  const candidates = orderCandidates(kept, { isCheapestFirst, named: order }, input);
  // With a list of providers the filter has kept the listed ones, and all of them may be tried.
  if (allowFallbacks !== false || order.length > 0) return { candidates, excluded };
  const [first, ...others] = candidates;
  excluded.push(...others.map((candidate) => exclude(candidate, 'fallbacks_disallowed')));
  return { candidates: first === undefined ? [] : [first], excluded };
}

/** Cuts to the limit, in order, but lets every model keep its first endpoint: a fallback that is never tried is none. */
function limited(plans: readonly ModelPlan[]): ModelPlan {
  const firsts = plans.flatMap(({ candidates }) => candidates.slice(0, 1)).slice(0, CANDIDATES_MAX);
  const chosen = new Set(firsts);
  for (const candidate of plans.flatMap(({ candidates }) => candidates)) {
    if (chosen.size < CANDIDATES_MAX) chosen.add(candidate);
  }
  const all = plans.flatMap(({ candidates }) => candidates);
  return {
    candidates: all.filter((candidate) => chosen.has(candidate)),
    excluded: [
      ...plans.flatMap(({ excluded }) => excluded),
      ...all.filter((candidate) => !chosen.has(candidate)).map((candidate) => exclude(candidate, 'candidate_limit')),
    ],
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
  const requestedModels = [...new Set([input.prompt.model, ...input.prompt.modelFallbacks])];
  const unknownModels = requestedModels.filter((name) => resolveModelSlug(input.catalog, name) === null);
  const wanted = new Map<string, WantedModel>();
  for (const name of requestedModels) {
    const found = wantedModel(input.catalog, name);
    if (found !== null && !wanted.has(found.model.slug)) wanted.set(found.model.slug, found);
  }

  const { candidates, excluded } = limited([...wanted.values()].map((model) => planModel(model, input)));
  const [first, ...others] = candidates;
  const model = first && input.catalog.models.get(first.endpoint.modelSlug);
  if (first === undefined || model === undefined) {
    return unroutable({
      input,
      requestedModels,
      models: [...wanted.values()].map(({ model: { slug } }) => slug),
      excluded,
    });
  }
  return { kind: 'routed', model, candidates: [first, ...others], excluded, unknownModels };
}

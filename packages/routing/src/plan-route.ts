import { estimateUpperBound } from '@bourse/billing';
import { type Asked, askedOf } from './asked.ts';
import { type Question, type Refusal, refusalOf } from './exclusion.ts';
import type { EndpointFacts, ModelFacts } from './facts.ts';
import { unknownHealth } from './health.ts';
import { type Entry, orderEntries } from './order.ts';
import { narrow, softFiltersOf } from './soft-filter.ts';
import type { Candidate, Exclusion, Offer, OwnCredential, PlanInput, RoutePlan } from './types.ts';
import { unroutable } from './unroutable.ts';
import { type Choice, type WantedModel, wantedModels } from './wanted.ts';

/** More attempts than this would make a customer wait longer than a clear error is worth. */
const CANDIDATES_MAX = 5;
/** The model that a router chooses, and those to fall back to. */
const ROUTED_MODELS_MAX = 3;
/** Enough to say what to change. */
const PASSED_OVER_MAX = 100;

/** The offers of one model, or of all together, and the endpoints that were left out. */
interface Group {
  readonly entries: readonly Entry[];
  readonly excluded: Exclusion[];
}

function exclude({ endpoint }: Pick<EndpointFacts, 'endpoint'>, { reason, feature }: Refusal): Exclusion {
  const { id: endpointId, modelSlug, providerSlug } = endpoint;
  const exclusion = { endpointId, modelSlug, providerSlug, reason };
  return feature === undefined ? exclusion : { ...exclusion, feature };
}

const NO_CREDENTIALS: readonly OwnCredential[] = [];

/** On whose keys an endpoint may be called: the customer's own, and the market's unless one of those stands alone. */
function offersOf({ endpoint }: EndpointFacts, input: PlanInput): readonly Offer[] {
  const markupBps = endpoint.markupBps ?? input.markupBpsDefault;
  const own = input.ownCredentials?.(endpoint) ?? NO_CREDENTIALS;
  const isShared = input.configuredProviders.has(endpoint.providerSlug);
  const shared: Offer = { endpoint, markupBps, credential: null };
  if (own.length === 0) return isShared ? [shared] : [];
  const offers: Offer[] = own.map((credential) => ({ endpoint, markupBps, credential }));
  return isShared && !own.some(({ isExclusive }) => isExclusive) ? [...offers, shared] : offers;
}

/** The hard filters, and behind them, on purpose, what only the operator can change: whoever is left out only for that would serve. */
function filtered({ model, wishes }: WantedModel, { asked, input }: { asked: Asked; input: PlanInput }): Group {
  const question: Question = { asked, input, model, wishes };
  const entries: Entry[] = [];
  const excluded: Exclusion[] = [];
  for (const facts of model.endpoints) {
    const refusal = refusalOf(facts, question);
    if (refusal !== null) {
      excluded.push(exclude(facts, refusal));
      continue;
    }
    const offers = offersOf(facts, input);
    if (offers.length === 0) excluded.push(exclude(facts, { reason: 'provider_not_configured' }));
    else if (input.isStopped(facts.endpoint)) excluded.push(exclude(facts, { reason: 'stopped' }));
    else {
      for (const offer of offers) {
        const price = facts.blendedPrice(offer.markupBps);
        const place = { health: unknownHealth, demerit: 0, key: 0, reason: 'by_price' } as const;
        entries.push({ facts, offer, wishes, price, index: entries.length, ...place });
      }
    }
  }
  return softened({ entries, excluded }, asked);
}

function softened(group: Group, { prompt }: Asked): Group {
  let { entries } = group;
  for (const filter of softFiltersOf(prompt)) {
    const { kept, gone } = narrow(entries, filter);
    for (const endpoint of new Set(gone.map(({ facts }) => facts))) {
      group.excluded.push(exclude(endpoint, { reason: filter.reason, feature: filter.parameter }));
    }
    entries = kept;
  }
  return { entries, excluded: group.excluded };
}

/** Without fallbacks the first endpoint is tried alone, unless the customer listed those that may be tried. */
function firstAlone({ entries, excluded }: Group, { prompt: { preferences }, order }: Asked): Group {
  if (preferences.allowFallbacks !== false || order.length > 0) return { entries, excluded };
  const [first] = entries;
  const others = entries.filter((entry) => entry.facts !== first?.facts).map(({ facts }) => facts);
  for (const facts of new Set(others)) excluded.push(exclude(facts, { reason: 'fallbacks_disallowed' }));
  return { entries: entries.filter(({ facts }) => facts === first?.facts), excluded };
}

/** Cuts to the limit, in order, but lets every group keep its first: a fallback that is never tried is none. */
function limited(groups: readonly Group[]): Group {
  const [only] = groups;
  if (only !== undefined && groups.length === 1 && only.entries.length <= CANDIDATES_MAX) return only;
  const entries = groups.flatMap((group) => group.entries);
  const excluded = groups.flatMap((group) => group.excluded);
  if (entries.length <= CANDIDATES_MAX) return { entries, excluded };
  const chosen = new Set(groups.flatMap((group) => group.entries.slice(0, 1)).slice(0, CANDIDATES_MAX));
  for (const entry of entries) {
    if (chosen.size === CANDIDATES_MAX) break;
    chosen.add(entry);
  }
  const kept = new Set([...chosen].map(({ facts }) => facts));
  for (const { facts } of entries) {
    // An endpoint on another key of the customer's is a candidate all the same.
    if (!kept.has(facts)) excluded.push(exclude(facts, { reason: 'candidate_limit' }));
    kept.add(facts);
  }
  return { entries: entries.filter((entry) => chosen.has(entry)), excluded };
}

/** What one name came to, as far as somebody may serve it. */
interface Filtered {
  readonly wanted: readonly WantedModel[];
  readonly groups: readonly Group[];
}

/** A router's models are looked at from the best on, until enough of them can serve; those passed over are told of only when none can. */
function routedModels(models: readonly WantedModel[], context: { asked: Asked; input: PlanInput }): Filtered {
  const wanted: WantedModel[] = [];
  const groups: Group[] = [];
  const passedOver: Exclusion[] = [];
  for (const model of models) {
    if (wanted.length === ROUTED_MODELS_MAX) break;
    const group = filtered(model, context);
    if (group.entries.length > 0) {
      wanted.push(model);
      groups.push(group);
    } else if (passedOver.length < PASSED_OVER_MAX) passedOver.push(...group.excluded);
  }
  return { wanted, groups: wanted.length > 0 ? groups : [{ entries: [], excluded: passedOver }] };
}

/** The models of all names, each once, with what may serve them. */
function filteredChoices(choices: readonly Choice[], context: { asked: Asked; input: PlanInput }): Filtered {
  const [only] = choices;
  if (only !== undefined && choices.length === 1) return filteredChoice(only, context);
  const taken = new Set<ModelFacts>();
  const all = choices.map(({ models, isRouter }) => {
    const found = filteredChoice({ models: models.filter(({ model }) => !taken.has(model)), isRouter }, context);
    for (const { model } of found.wanted) taken.add(model);
    return found;
  });
  return { wanted: all.flatMap(({ wanted }) => wanted), groups: all.flatMap(({ groups }) => groups) };
}

function filteredChoice({ models, isRouter }: Choice, context: { asked: Asked; input: PlanInput }): Filtered {
  if (isRouter) return routedModels(models, context);
  return { wanted: models, groups: models.map((model) => filtered(model, context)) };
}

/** One group per model, or one of all of them where `provider.sort.partition` is `none`. */
function ordered(groups: readonly Group[], context: { asked: Asked; input: PlanInput }): readonly Group[] {
  const { asked } = context;
  const isTogether = asked.prompt.preferences.partition === 'none' && groups.length > 1;
  const ranked = isTogether
    ? [{ entries: groups.flatMap(({ entries }) => entries), excluded: groups.flatMap(({ excluded }) => excluded) }]
    : groups;
  return ranked.map(({ entries, excluded }) =>
    firstAlone({ entries: orderEntries(entries, context), excluded }, asked),
  );
}

function candidateOf({ offer, reason, wishes }: Entry, { prompt }: PlanInput): Candidate {
  const { endpoint, markupBps, credential } = offer;
  const bound = estimateUpperBound({ prompt, endpoint, markupBps });
  return { endpoint, markupBps, credential, bound, reason, isThinkingOn: wishes.isThinkingOn };
}

/**
 * Decides which endpoints may serve a prompt and in which order. Pure: the same input and draws give the same plan, so a route can be
 * explained and replayed. Every endpoint of every model asked for is either a candidate or in `excluded`, and each candidate says why it
 * stands where it does. docs/API.md has the rules. Throws AppError `invalid_request` for a `provider.max_price` that is no price.
 */
export function planRoute(input: PlanInput): RoutePlan {
  const asked = askedOf(input);
  const { choices, requested, unknown, isExpired } = wantedModels(input);
  const context = { asked, input };
  const { wanted, groups } = filteredChoices(choices, context);
  const { entries, excluded } = limited(ordered(groups, context));
  const [first, ...others] = entries.map((entry) => candidateOf(entry, input));
  const models = wanted.map(({ planned }) => planned);
  const model = first && input.catalog.models.get(first.endpoint.modelSlug);
  if (first === undefined || model === undefined) {
    const isRouted = choices.some(({ isRouter }) => isRouter);
    return unroutable({ input, asked, requestedModels: requested, models, excluded, isExpired, isRouted });
  }
  return { kind: 'routed', model, candidates: [first, ...others], excluded, models, unknownModels: unknown };
}

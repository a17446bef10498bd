import type { Asked, VariantWishes } from './asked.ts';
import { canReadAndWrite, type Question, refusalOf } from './exclusion.ts';
import type { EndpointFacts, ModelFacts } from './facts.ts';
import { unknownHealth } from './health.ts';
import type { Entry } from './order.ts';
import { narrow, type SoftFilter, softFiltersOf } from './soft-filter.ts';
import type { Exclusion, OwnCredential, PlanInput, PlannedModel } from './types.ts';
import { type Choice, plannedModel } from './wanted.ts';

/** The offers of one model, or of all together, and the endpoints that were left out. */
export interface Group {
  readonly entries: readonly Entry[];
  readonly excluded: Exclusion[];
}

/** The models of a request, in their order, and who may serve each. */
export interface Served {
  readonly models: readonly PlannedModel[];
  readonly groups: readonly Group[];
  /** Of a router's models that nobody may serve, where none of its models is left: for saying what to change. */
  readonly passedOver: readonly Exclusion[];
}

interface Context {
  readonly asked: Asked;
  readonly input: PlanInput;
  readonly softFilters: readonly SoftFilter[];
}

/** The model that a router chooses, and those to fall back to. */
const ROUTED_MODELS_MAX = 3;
/** Enough to say what to change. */
const PASSED_OVER_MAX = 100;

/** One place in the order, to be found. */
function entryOf(
  facts: EndpointFacts,
  credential: OwnCredential | null,
  beside: Pick<Entry, 'wishes' | 'index'> & { markupBps: number },
): Entry {
  const { markupBps, wishes, index } = beside;
  return {
    facts,
    credential,
    markupBps,
    wishes,
    price: facts.blendedPrice(markupBps),
    index,
    health: unknownHealth,
    demerit: 0,
    key: 0,
    reason: 'by_price',
  };
}

/** On whose keys an endpoint may be called: the customer's own, and the market's unless one of those stands alone. False for nobody's. */
function addOffers(entries: Entry[], facts: EndpointFacts, { input, wishes }: Question): boolean {
  const { endpoint } = facts;
  const markupBps = endpoint.markupBps ?? input.markupBpsDefault;
  const own = input.ownCredentials?.(endpoint);
  const before = entries.length;
  if (own !== undefined) {
    for (const credential of own)
      entries.push(entryOf(facts, credential, { markupBps, wishes, index: entries.length }));
  }
  const isShared =
    input.configuredProviders.has(endpoint.providerSlug) && own?.some(({ isExclusive }) => isExclusive) !== true;
  if (isShared) entries.push(entryOf(facts, null, { markupBps, wishes, index: entries.length }));
  return entries.length > before;
}

/** The hard filters, and behind them, on purpose, what only the operator can change: whoever is left out only for that would serve. */
function filtered(model: ModelFacts, wishes: VariantWishes, { asked, input, softFilters }: Context): Group {
  const question: Question = { asked, input, model, wishes, hasModalities: canReadAndWrite(model, asked) };
  const entries: Entry[] = [];
  const excluded: Exclusion[] = [];
  for (const facts of model.endpoints) {
    const verdict = refusalOf(facts, question);
    if (verdict !== null) excluded.push(facts.excluded(verdict.reason, verdict.feature));
    else if (input.isStopped(facts.endpoint)) excluded.push(facts.excluded('stopped'));
    else if (!addOffers(entries, facts, question)) excluded.push(facts.excluded('provider_not_configured'));
  }
  return softFilters.length === 0 ? { entries, excluded } : softened({ entries, excluded }, softFilters);
}

function softened({ entries, excluded }: Group, filters: readonly SoftFilter[]): Group {
  let left = entries;
  for (const filter of filters) {
    const { kept, gone } = narrow(left, filter);
    for (const facts of new Set(gone.map((entry) => entry.facts))) {
      excluded.push(facts.excluded(filter.reason, filter.parameter));
    }
    left = kept;
  }
  return { entries: left, excluded };
}

/** A router's models are looked at from the best on, until enough of them can serve; those passed over are told of only when none can. */
function routedModels(
  choice: Choice,
  taken: ReadonlySet<ModelFacts>,
  context: Context,
): Served & { facts: ModelFacts[] } {
  const facts: ModelFacts[] = [];
  const groups: Group[] = [];
  const passedOver: Exclusion[] = [];
  for (const model of choice.models) {
    if (facts.length === ROUTED_MODELS_MAX) break;
    if (model.expiresAtMs <= context.input.nowMs || taken.has(model)) continue;
    const group = filtered(model, choice.wishes, context);
    if (group.entries.length > 0) {
      facts.push(model);
      groups.push(group);
    } else if (passedOver.length < PASSED_OVER_MAX) passedOver.push(...group.excluded);
  }
  const models = facts.map((model) => plannedModel(choice, model));
  return { facts, models, groups, passedOver: groups.length > 0 ? [] : passedOver };
}

/** The models of all names, each once, with what may serve them. */
export function servedModels(choices: readonly Choice[], asked: Asked, input: PlanInput): Served {
  const context = { asked, input, softFilters: softFiltersOf(asked.prompt) };
  const taken = new Set<ModelFacts>();
  const models: PlannedModel[] = [];
  const groups: Group[] = [];
  const passedOver: Exclusion[] = [];
  for (const choice of choices) {
    if (choice.isRouter) {
      const routed = routedModels(choice, taken, context);
      for (const model of routed.facts) taken.add(model);
      models.push(...routed.models);
      groups.push(...routed.groups);
      passedOver.push(...routed.passedOver);
      continue;
    }
    for (const model of choice.models) {
      if (taken.has(model)) continue;
      taken.add(model);
      models.push(plannedModel(choice, model));
      groups.push(filtered(model, choice.wishes, context));
    }
  }
  return { models, groups, passedOver };
}

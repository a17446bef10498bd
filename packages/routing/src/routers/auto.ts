import { AppError } from '@bourse/errors';
import type { JsonValue, PluginRequest, Prompt } from '@bourse/generation';
import type { ModelFacts } from '../facts.ts';
import type { PlanInput } from '../types.ts';
import { curatedOrder } from './curated-order.ts';
import { type Pool, poolOf } from './pool.ts';
import { type Task, taskOf, taskSizes } from './tasks.ts';
import { matcherOf } from './wildcards.ts';

/** Fifths of the pool by what a generation of the task costs: a band, not a ceiling (reference: OpenRouter's auto router guide, 2026-08). */
const costTiers = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
type CostTier = (typeof costTiers)[number];

interface AutoOptions {
  readonly allowed: readonly string[];
  readonly excluded: readonly string[];
  readonly costTier: CostTier | null;
}

const PLUGIN = 'auto-router';
const NO_OPTIONS: AutoOptions = { allowed: [], excluded: [], costTier: null };

function refuse(field: string, what: string): AppError {
  const path = `plugins.${PLUGIN}.${field}`;
  return new AppError('invalid_request', `${path} must be ${what}.`, { metadata: { path } });
}

function patternsOf(field: string, value: JsonValue | undefined): readonly string[] {
  if (value === undefined || value === null) return [];
  const isList = Array.isArray(value) && value.length <= 100 && value.every((entry) => typeof entry === 'string');
  if (!isList) throw refuse(field, 'a list of at most 100 names of models, in which * stands for anything');
  return value.map(String);
}

function costTierOf(value: JsonValue | undefined): CostTier | null {
  if (value === undefined || value === null) return null;
  const tier = costTiers.find((name) => name === value);
  if (tier === undefined) throw refuse('cost_tier', 'low, medium, high, xhigh or max');
  return tier;
}

function optionsOf({ plugins }: Prompt): AutoOptions {
  const plugin: PluginRequest | undefined = plugins?.find(({ id, isEnabled }) => id === PLUGIN && isEnabled);
  if (plugin === undefined) return NO_OPTIONS;
  const { allowed_models: allowed, excluded_models: excluded, cost_tier: costTier } = plugin.options;
  return {
    allowed: patternsOf('allowed_models', allowed),
    excluded: patternsOf('excluded_models', excluded),
    costTier: costTierOf(costTier),
  };
}

/** What a generation of the task costs where the model is cheapest; only its ratios matter. */
function costOf({ endpoints }: ModelFacts, task: Task): number {
  const { inputTokens, outputTokens } = taskSizes[task];
  const costs = endpoints
    .filter(({ endpoint }) => endpoint.isEnabled)
    .map((facts) => {
      const [input, output] = [facts.dearestPrice('input', 0) ?? 0n, facts.dearestPrice('output', 0) ?? 0n];
      return Number(input) * inputTokens + Number(output) * outputTokens;
    });
  return Math.min(...costs);
}

interface Placed {
  readonly facts: ModelFacts;
  readonly cost: number;
  /** Its place in the curated order. */
  readonly place: number;
}

function placeIn(matchers: readonly ((slug: string) => boolean)[], slug: string): number {
  const at = matchers.findIndex((matches) => matches(slug));
  return at < 0 ? matchers.length : at;
}

/** Measured spend first; then the curated order, the newer before the older, the cheaper before the dearer. */
function better(a: Placed, b: Placed, shares: ReadonlyMap<string, number> | undefined): number {
  const [left, right] = [a.facts.model, b.facts.model];
  const byShare = (shares?.get(right.slug) ?? 0) - (shares?.get(left.slug) ?? 0);
  if (byShare !== 0) return byShare;
  if (a.place !== b.place) return a.place - b.place;
  const [older, newer] = [left.releasedOn ?? '', right.releasedOn ?? ''];
  if (older !== newer) return older < newer ? 1 : -1;
  return a.cost - b.cost;
}

interface Bands {
  /** The models of each band, the best first, from the cheapest band to the dearest. */
  readonly ofTiers: readonly (readonly ModelFacts[])[];
  readonly all: readonly ModelFacts[];
}

function bandsOf(pool: Pool, task: Task, shares: ReadonlyMap<string, number> | undefined): Bands {
  const matchers = curatedOrder[task].map(matcherOf);
  const placed = pool.conversational
    .map((facts) => ({ facts, cost: costOf(facts, task), place: placeIn(matchers, facts.model.slug) }))
    .toSorted((a, b) => a.cost - b.cost);
  const bandOf = (index: number) => Math.floor((index * costTiers.length) / placed.length);
  const ofTiers = costTiers.map((_, band) =>
    placed
      .filter((_entry, index) => bandOf(index) === band)
      .toSorted((a, b) => better(a, b, shares))
      .map(({ facts }) => facts),
  );
  return { ofTiers, all: ofTiers.flat() };
}

const UNMEASURED: ReadonlyMap<string, number> = new Map();
const knownBands = new WeakMap<Pool, WeakMap<ReadonlyMap<string, number>, Map<Task, Bands>>>();

/** Ranked once per snapshot, task and measurement of shares. */
function bands(pool: Pool, task: Task, shares = UNMEASURED): Bands {
  const ofPool = knownBands.get(pool) ?? new WeakMap<ReadonlyMap<string, number>, Map<Task, Bands>>();
  knownBands.set(pool, ofPool);
  const ofShares = ofPool.get(shares) ?? new Map<Task, Bands>();
  ofPool.set(shares, ofShares);
  const known = ofShares.get(task);
  if (known !== undefined) return known;
  const ranked = bandsOf(pool, task, shares);
  ofShares.set(task, ranked);
  return ranked;
}

/**
 * The models for a prompt that leaves the choice to the market, the best first: the task is told from the prompt, its models are those of
 * the cost tier that was asked for, or all from the cheapest tier up, and ranked within a tier by what customers spend on them, or by a
 * curated order where that is not known. Throws AppError `invalid_request` for options that are none.
 */
export function autoModels({ prompt, catalog, configuredProviders, spendShares }: PlanInput): readonly ModelFacts[] {
  const { allowed, excluded, costTier } = optionsOf(prompt);
  const ranked = bands(poolOf(catalog, configuredProviders), taskOf(prompt), spendShares);
  const models = costTier === null ? ranked.all : (ranked.ofTiers[costTiers.indexOf(costTier)] ?? []);
  if (allowed.length === 0 && excluded.length === 0) return models;
  const isAllowed = allowed.map(matcherOf);
  const isExcluded = excluded.map(matcherOf);
  return models.filter(
    ({ model: { slug } }) =>
      (isAllowed.length === 0 || isAllowed.some((matches) => matches(slug))) &&
      !isExcluded.some((matches) => matches(slug)),
  );
}

import { estimateUpperBound } from '@bourse/billing';
import { type Asked, askedOf } from './asked.ts';
import type { EndpointFacts } from './facts.ts';
import { type Entry, orderEntries } from './order.ts';
import { type Group, servedModels } from './served-models.ts';
import type { Candidate, Exclusion, PlanInput, RoutePlan } from './types.ts';
import { unroutable } from './unroutable.ts';
import { wantedModels } from './wanted.ts';

/** More attempts than this would make a customer wait longer than a clear error is worth. */
const CANDIDATES_MAX = 5;

/** Without fallbacks the first endpoint is tried alone, unless the customer listed those that may be tried. */
function firstAlone({ entries, excluded }: Group, { prompt: { preferences }, order }: Asked): Group {
  if (preferences.allowFallbacks !== false || order.length > 0) return { entries, excluded };
  const first = entries[0]?.facts;
  const others = new Set<EndpointFacts>();
  for (const { facts } of entries) if (facts !== first) others.add(facts);
  for (const facts of others) excluded.push(facts.excluded('fallbacks_disallowed'));
  return { entries: entries.filter(({ facts }) => facts === first), excluded };
}

function joined(groups: readonly Group[]): Group {
  const entries: Entry[] = [];
  const excluded: Exclusion[] = [];
  for (const group of groups) {
    for (const entry of group.entries) entries.push(entry);
    for (const exclusion of group.excluded) excluded.push(exclusion);
  }
  return { entries, excluded };
}

/** One group per model, or one of all of them where `provider.sort.partition` is `none`. */
function ordered(groups: readonly Group[], asked: Asked, input: PlanInput): readonly Group[] {
  const isTogether = asked.prompt.preferences.partition === 'none' && groups.length > 1;
  return (isTogether ? [joined(groups)] : groups).map(({ entries, excluded }) =>
    firstAlone({ entries: orderEntries(entries, { asked, input }), excluded }, asked),
  );
}

/** Leaves out all but the chosen, unless their endpoint is a candidate all the same on another key. */
function cut({ entries, excluded }: Group, chosen: readonly Entry[]): Group {
  // Only on several keys is an endpoint there more than once; the way without a set is the one that most requests take.
  const told = entries.some(({ credential }) => credential !== null) ? new Set<EndpointFacts>() : null;
  const kept = chosen.map(({ facts }) => facts);
  for (const { facts } of entries) {
    if (kept.includes(facts) || told?.has(facts) === true) continue;
    told?.add(facts);
    excluded.push(facts.excluded('candidate_limit'));
  }
  return { entries: chosen, excluded };
}

/** Cuts to the limit, in order, but lets every group keep its first: a fallback that is never tried is none. */
function limited(groups: readonly Group[]): Group {
  const [only] = groups;
  const all = only !== undefined && groups.length === 1 ? only : joined(groups);
  const { entries } = all;
  if (entries.length <= CANDIDATES_MAX) return all;
  if (groups.length === 1) return cut(all, entries.slice(0, CANDIDATES_MAX));
  const firsts = groups.flatMap((group) => group.entries.slice(0, 1)).slice(0, CANDIDATES_MAX);
  let room = CANDIDATES_MAX - firsts.length;
  const chosen: Entry[] = [];
  for (const entry of entries) {
    const isFirst = firsts.includes(entry);
    if (isFirst || room > 0) chosen.push(entry);
    if (!isFirst) room -= 1;
  }
  return cut(all, chosen);
}

function candidateOf({ facts, markupBps, credential, reason, wishes }: Entry, { prompt }: PlanInput): Candidate {
  const { endpoint } = facts;
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
  const { models, groups, passedOver } = servedModels(choices, asked, input);
  const { entries, excluded } = limited(ordered(groups, asked, input));
  const [first, ...others] = entries.map((entry) => candidateOf(entry, input));
  const model = first && input.catalog.models.get(first.endpoint.modelSlug);
  if (first === undefined || model === undefined) {
    const isRouted = choices.some(({ isRouter }) => isRouter);
    const all = [...excluded, ...passedOver];
    return unroutable({ input, asked, requestedModels: requested, models, excluded: all, isExpired, isRouted });
  }
  return { kind: 'routed', model, candidates: [first, ...others], excluded, models, unknownModels: unknown };
}

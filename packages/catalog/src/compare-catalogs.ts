import type { CatalogData } from './build-snapshot.ts';
import { type CatalogEdit, linesText } from './catalog-edit.ts';
import { judgeEdit } from './judge-edit.ts';
import type { Endpoint, Model } from './types.ts';

/** Where the prices of an operator's own models say they are from: sources know nothing of those, and do not remove them. */
export const OWN_SOURCE = "the operator's own catalog";

/** More than this share of the live endpoints gone, or repriced, at once is an accident of the source. Percent. */
const MASS_DELETE_PERCENT = 5;
const MASS_REPRICE_PERCENT = 30;
/** Of small catalogs, so many may change without asking. */
const FEW = 3;

const CUT = 'the same reading of the sources lacks much else: it may be cut off';

/** An edit, one line about it, and why it must wait; no reason = it may go live. */
export interface JudgedEdit {
  readonly edit: CatalogEdit;
  /** The endpoint or model that it is about; `catalog` for several. */
  readonly subject: string;
  readonly summary: string;
  readonly reasons: readonly string[];
}

/** Endpoints whose price in the sources is not believed, by id, with why: `wanted` is without them. */
export type Doubts = ReadonlyMap<string, string>;

function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/** What sources may change: neither prices, nor what an operator sets. */
function factsOf({ prices: _prices, markupBps: _markup, isEnabled: _enabled, ...facts }: Endpoint): object {
  return facts;
}

/** The part of the catalog that sources speak of. */
function sourced(live: CatalogData): readonly Endpoint[] {
  const sandbox = new Set(live.providers.filter(({ isSandbox }) => isSandbox).map(({ slug }) => slug));
  return live.endpoints.filter(
    ({ providerSlug, prices }) => !sandbox.has(providerSlug) && prices.sourceUrl !== OWN_SOURCE,
  );
}

function bySlug<Entry extends { readonly slug: string }>(entries: readonly Entry[]): ReadonlyMap<string, Entry> {
  return new Map(entries.map((entry) => [entry.slug, entry]));
}

type Unjudged = Omit<JudgedEdit, 'reasons'>;

function additions(live: CatalogData, wanted: CatalogData): readonly Unjudged[] {
  const known = new Set(live.endpoints.map(({ id }) => id));
  const [models, authors, providers] = [bySlug(wanted.models), bySlug(wanted.authors), bySlug(wanted.providers)];
  return sourced(wanted).flatMap((endpoint) => {
    const model = models.get(endpoint.modelSlug);
    const author = authors.get(model?.authorSlug ?? '');
    const provider = providers.get(endpoint.providerSlug);
    if (known.has(endpoint.id) || model === undefined || author === undefined || provider === undefined) return [];
    const summary = `${endpoint.id} is new`;
    return { subject: endpoint.id, summary, edit: { kind: 'add_endpoint', endpoint, model, author, provider } };
  });
}

function changes(live: CatalogData, wanted: CatalogData): readonly Unjudged[] {
  const now = new Map(sourced(live).map((endpoint) => [endpoint.id, endpoint]));
  return sourced(wanted).flatMap((endpoint): readonly Unjudged[] => {
    const { id: subject, prices: after } = endpoint;
    const old = now.get(subject);
    if (old === undefined) return [];
    const isRepriced = linesText(old.prices.lines) !== linesText(after.lines);
    const prices: CatalogEdit = { kind: 'change_prices', endpointId: subject, before: old.prices, after };
    return [
      ...(isRepriced ? [{ subject, summary: `${subject} has other prices`, edit: prices }] : []),
      ...(sameJson(factsOf(old), factsOf(endpoint))
        ? []
        : [
            {
              subject,
              summary: `${subject} is described otherwise`,
              edit: { kind: 'change_endpoint', endpoint } as const,
            },
          ]),
    ];
  });
}

function modelChanges(live: CatalogData, wanted: CatalogData): readonly Unjudged[] {
  const now = bySlug(live.models);
  const isOther = (model: Model): boolean => {
    const old = now.get(model.slug);
    return old !== undefined && !model.isSandbox && !sameJson(old, model);
  };
  return wanted.models.filter(isOther).map((model) => ({
    subject: model.slug,
    summary: `${model.slug} is described otherwise`,
    edit: { kind: 'change_model', model },
  }));
}

/** What is not believed stays as it is until a person decides: neither its new price nor its absence goes live. */
function doubts(live: CatalogData, doubted: Doubts): readonly JudgedEdit[] {
  return sourced(live).flatMap(({ id: subject }) => {
    const why = doubted.get(subject);
    if (why === undefined) return [];
    const summary = `${subject} would be taken off the market`;
    const edit = { kind: 'remove_endpoints', endpointIds: [subject] } as const;
    return { subject, summary, edit, reasons: [`the price that the source gives is not believed: ${why}`] };
  });
}

/** Few removals go live; many at once, or most of what a provider sells, wait for a person. */
function removals(live: CatalogData, wanted: CatalogData, doubted: Doubts): readonly JudgedEdit[] {
  const kept = new Set([...wanted.endpoints.map(({ id }) => id), ...doubted.keys()]);
  const all = sourced(live);
  const gone = all.filter(({ id }) => !kept.has(id));
  if (gone.length === 0) return [];
  const emptied = [...Map.groupBy(gone, ({ providerSlug }) => providerSlug)].filter(([provider, lost]) => {
    const before = all.filter(({ providerSlug }) => providerSlug === provider).length;
    return lost.length > FEW && lost.length * 2 > before;
  });
  const isMass = gone.length > FEW && gone.length * 100 > all.length * MASS_DELETE_PERCENT;
  const reasons = [
    ...(isMass ? [`${gone.length} of ${all.length} endpoints would go at once`] : []),
    ...emptied.map(([provider, lost]) => `${provider} would lose ${lost.length} endpoints, most of what it sells`),
  ];
  const endpointIds = gone.map(({ id }) => id).toSorted();
  const summary = `gone from the sources: ${endpointIds.slice(0, 5).join(', ')}${gone.length > 5 ? ', …' : ''}`;
  return [{ subject: 'catalog', summary, reasons, edit: { kind: 'remove_endpoints', endpointIds } }];
}

/** A name of a family means its newest model as soon as that is sold here. */
function aliasChange(live: CatalogData, wanted: CatalogData, added: readonly string[]): readonly Unjudged[] {
  const sold = new Set([...live.models.map(({ slug }) => slug), ...added]);
  const inOrder = (aliases: CatalogData['aliases']) => aliases.toSorted((a, b) => (a.alias < b.alias ? -1 : 1));
  const now = new Map(live.aliases.map((alias) => [alias.alias, alias]));
  const aliases = wanted.aliases.flatMap((alias) => (sold.has(alias.modelSlug) ? alias : (now.get(alias.alias) ?? [])));
  if (sameJson(inOrder(live.aliases), inOrder(aliases))) return [];
  const summary = 'names of families mean other models';
  return [{ subject: 'catalog', summary, edit: { kind: 'set_aliases', aliases } }];
}

/** The live catalog with the days on which sources have read its prices again, where they are the same. */
export function withNewerReadings(live: CatalogData, wanted: CatalogData): CatalogData {
  const read = new Map(sourced(wanted).map((endpoint) => [endpoint.id, endpoint.prices]));
  const endpoints = live.endpoints.map((endpoint) => {
    const { prices } = endpoint;
    const newer = read.get(endpoint.id);
    if (
      newer === undefined ||
      newer.checkedOn <= prices.checkedOn ||
      linesText(newer.lines) !== linesText(prices.lines)
    )
      return endpoint;
    return { ...endpoint, prices: { ...prices, checkedOn: newer.checkedOn, sourceUrl: newer.sourceUrl } };
  });
  return { ...live, endpoints };
}

/**
 * What must change for the live catalog to say what the sources say, each edit judged. The sandbox market, an operator's own models, markups and switches are
 * left alone. The same two catalogs give the same edits in the same order; equal ones give none.
 */
export function compareCatalogs(
  live: CatalogData,
  wanted: CatalogData,
  doubted: Doubts = new Map(),
): readonly JudgedEdit[] {
  const judged = [...additions(live, wanted), ...changes(live, wanted), ...modelChanges(live, wanted)].map((each) => ({
    ...each,
    reasons: judgeEdit(each.edit, live),
  }));
  const repriced = judged.filter(({ edit }) => edit.kind === 'change_prices').length;
  const total = sourced(live).length;
  const isMass = repriced > FEW && repriced * 100 > total * MASS_REPRICE_PERCENT;
  const why = `${repriced} of ${total} endpoints would have other prices at once`;
  const removed = removals(live, wanted, doubted);
  // A list that is cut off makes models appear under other names, too: nothing of such a reading goes live by itself.
  const isCut = removed.some(({ reasons }) => reasons.length > 0);
  const guarded = judged.map((each) => {
    const isRepricing = isMass && each.edit.kind === 'change_prices';
    return { ...each, reasons: [...each.reasons, ...(isRepricing ? [why] : []), ...(isCut ? [CUT] : [])] };
  });
  const added = guarded.flatMap(({ edit, reasons }) =>
    edit.kind === 'add_endpoint' && reasons.length === 0 ? edit.model.slug : [],
  );
  const aliases = aliasChange(live, wanted, added).map((each) => ({ ...each, reasons: isCut ? [CUT] : [] }));
  return [...guarded, ...doubts(live, doubted), ...removed, ...aliases];
}

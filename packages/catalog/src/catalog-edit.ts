import { invariant } from '@bourse/errors';
import { type PicodollarsPerUnit, picodollarsPerUnit } from '@bourse/money';
import { z } from 'zod';
import type { CatalogData } from './build-snapshot.ts';
import type { Author, Endpoint, Model, ModelAlias, PriceSheet, ProviderInfo } from './types.ts';

/** One thing to change in a catalog. Each stands for itself: it can be done alone, now or after a person has looked at it. */
export type CatalogEdit =
  /** With what it needs where the catalog has not got it yet. */
  | {
      readonly kind: 'add_endpoint';
      readonly endpoint: Endpoint;
      readonly model: Model;
      readonly author: Author;
      readonly provider: ProviderInfo;
    }
  | {
      readonly kind: 'change_prices';
      readonly endpointId: string;
      readonly before: PriceSheet;
      readonly after: PriceSheet;
    }
  /** What is known of it, not its prices. */
  | { readonly kind: 'change_endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'change_model'; readonly model: Model }
  | { readonly kind: 'remove_endpoints'; readonly endpointIds: readonly string[] }
  | { readonly kind: 'set_aliases'; readonly aliases: readonly ModelAlias[] };

type Lines = PriceSheet['lines'];

/** A sheet's lines in one form, for comparison. */
export function linesText(lines: Lines): string {
  const texts = lines.map(({ meter, price, aboveInputTokens }) => `${meter} above ${aboveInputTokens}: ${price}`);
  return texts.toSorted().join('; ');
}

function replaced<Entry>(
  entries: readonly Entry[],
  isIt: (entry: Entry) => boolean,
  change: (entry: Entry) => Entry,
): readonly Entry[] {
  return entries.map((entry) => (isIt(entry) ? change(entry) : entry));
}

function withMissing<Entry>(
  entries: readonly Entry[],
  entry: Entry,
  keyOf: (entry: Entry) => string,
): readonly Entry[] {
  return entries.some((each) => keyOf(each) === keyOf(entry)) ? entries : [...entries, entry];
}

function applyEdit(catalog: CatalogData, edit: CatalogEdit): CatalogData {
  switch (edit.kind) {
    case 'add_endpoint':
      return {
        ...catalog,
        authors: withMissing(catalog.authors, edit.author, ({ slug }) => slug),
        providers: withMissing(catalog.providers, edit.provider, ({ slug }) => slug),
        models: withMissing(catalog.models, edit.model, ({ slug }) => slug),
        endpoints: withMissing(catalog.endpoints, edit.endpoint, ({ id }) => id),
      };
    case 'change_prices': {
      const { endpointId, before, after } = edit;
      const found = catalog.endpoints.find(({ id }) => id === endpointId);
      if (found === undefined) throw new Error(`${endpointId} is no longer in the catalog.`);
      const isDone = linesText(found.prices.lines) === linesText(after.lines);
      if (!isDone && linesText(found.prices.lines) !== linesText(before.lines))
        throw new Error(`The prices of ${endpointId} have changed since this was proposed.`);
      const isIt = ({ id }: Endpoint) => id === endpointId;
      return { ...catalog, endpoints: replaced(catalog.endpoints, isIt, (each) => ({ ...each, prices: after })) };
    }
    case 'change_endpoint': {
      const { endpoint } = edit;
      const change = ({ prices, markupBps, isEnabled }: Endpoint) => ({ ...endpoint, prices, markupBps, isEnabled });
      return { ...catalog, endpoints: replaced(catalog.endpoints, ({ id }) => id === endpoint.id, change) };
    }
    case 'change_model':
      return {
        ...catalog,
        models: replaced(
          catalog.models,
          ({ slug }) => slug === edit.model.slug,
          () => edit.model,
        ),
      };
    case 'remove_endpoints': {
      const gone = new Set(edit.endpointIds);
      return { ...catalog, endpoints: catalog.endpoints.filter(({ id }) => !gone.has(id)) };
    }
    case 'set_aliases':
      return { ...catalog, aliases: edit.aliases };
  }
}

/**
 * The catalog with the edits done, in their order. Models that lose their last endpoint leave with it, and so do the aliases that name them. An edit that
 * was done before changes nothing. Throws an Error for prices that have become others since the edit was made.
 */
export function applyEdits(catalog: CatalogData, edits: readonly CatalogEdit[]): CatalogData {
  const edited = edits.reduce(applyEdit, catalog);
  const before = new Set(catalog.endpoints.map(({ modelSlug }) => modelSlug));
  const sold = new Set(edited.endpoints.map(({ modelSlug }) => modelSlug));
  const models = edited.models.filter(({ slug }) => sold.has(slug) || !before.has(slug));
  const slugs = new Set(models.map(({ slug }) => slug));
  return { ...edited, models, aliases: edited.aliases.filter(({ modelSlug }) => slugs.has(modelSlug)) };
}

/** An edit as JSON, exact: prices are decimal strings of picodollars per unit. */
export function writeEdit(edit: CatalogEdit): unknown {
  return JSON.parse(
    JSON.stringify(edit, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  );
}

const sheet = z.looseObject({
  lines: z.array(
    z.looseObject({ price: z.string().transform((text): PicodollarsPerUnit => picodollarsPerUnit(BigInt(text))) }),
  ),
  effectiveFrom: z.iso.datetime().transform((text) => new Date(text)),
});
const priced = z.looseObject({ id: z.string(), prices: sheet });
const named = z.looseObject({ slug: z.string() });
const writtenEdit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('add_endpoint'), endpoint: priced, model: named, author: named, provider: named }),
  z.object({ kind: z.literal('change_prices'), endpointId: z.string(), before: sheet, after: sheet }),
  z.object({ kind: z.literal('change_endpoint'), endpoint: priced }),
  z.object({ kind: z.literal('change_model'), model: named }),
  z.object({ kind: z.literal('remove_endpoints'), endpointIds: z.array(z.string()) }),
  z.object({ kind: z.literal('set_aliases'), aliases: z.array(z.looseObject({ alias: z.string() })) }),
]);

/** What `writeEdit` wrote. Throws a masked invariant failure for anything else. */
export function readEdit(json: unknown): CatalogEdit {
  const parsed = writtenEdit.safeParse(json);
  invariant(parsed.success, 'a stored edit of the catalog is malformed');
  return parsed.data as unknown as CatalogEdit; // validated seam: `writeEdit` wrote the members that are not looked at, from the same types
}

import { missingResource } from './failure.ts';
import type { ListParams } from './params.ts';

/** One page of a list as Stripe shows it. */
export type Page = {
  readonly object: 'list';
  readonly data: readonly object[];
  readonly has_more: boolean;
  readonly url: string;
};

type Listed = { readonly id: string; readonly created?: number };

function isInRange(created: number | undefined, range: ListParams['created']): boolean {
  if (range === undefined || created === undefined) return true;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range;
  return created > gt && created >= gte && created < lt && created <= lte;
}

/** Cuts a page out of all objects, which are newest first. Throws `StripeFailure` for a cursor that names nothing. */
export function pageOf(all: readonly Listed[], params: ListParams, url: string): Page {
  const { starting_after: after, ending_before: before, limit, created } = params;
  const places = new Map(all.map(({ id }, index) => [id, index]));
  const placeOf = (id: string, param: string) => {
    const place = places.get(id);
    if (place === undefined) throw missingResource('object', id, { param, status: 400 });
    return place;
  };
  const start = after === undefined ? 0 : placeOf(after, 'starting_after') + 1;
  const end = before === undefined ? all.length : placeOf(before, 'ending_before');
  const matching = all.slice(start, end).filter((each) => isInRange(each.created, created));
  // Before a cursor means next to it, so that paging backwards meets every object.
  const data = before === undefined ? matching.slice(0, limit) : matching.slice(-limit);
  return { object: 'list', data, has_more: matching.length > data.length, url };
}

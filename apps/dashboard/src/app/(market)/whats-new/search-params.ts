import { createLoader, createSerializer, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import type { ChangeKind } from '../../../data/catalog-history.ts';

/** What may be looked at alone. */
export const changeViews = ['all', 'models', 'prices', 'gone'] as const;
export type ChangeView = (typeof changeViews)[number];

/** The kinds of change behind each view. */
export const kindsOf: Readonly<Record<ChangeView, readonly ChangeKind[]>> = {
  all: ['model_added', 'model_removed', 'endpoint_removed', 'price_changed'],
  models: ['model_added', 'endpoint_added'],
  prices: ['price_changed'],
  gone: ['model_removed', 'endpoint_removed'],
};

const changesParams = {
  show: parseAsStringLiteral(changeViews).withDefault('all'),
  /** The id of the last change of the page before. */
  before: parseAsString,
};

/** Reads the state of the page from its URL. Nonsense in the URL is the default. */
export const loadChangesParams = createLoader(changesParams);

/** Writes a link to the page in another state. */
export const changesHref = createSerializer(changesParams);

const ID = /^\d{1,18}$/;

/** A cursor that may be handed to the database; anything else is the first page. */
export function cursorOf(before: string | null): string | null {
  return before !== null && ID.test(before) ? before : null;
}

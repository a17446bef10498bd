import type { CatalogChangeKind } from '@bourse/db';
import { modelFormatOf, type ReadQuery } from './model-query.ts';
import { numberOf, refuseValue, wordsOf } from './query-values.ts';

/** What may change. */
export const changeKinds = [
  'model_added',
  'model_removed',
  'endpoint_added',
  'endpoint_removed',
  'price_changed',
] as const satisfies readonly CatalogChangeKind[];

/** Two weeks. */
export const HOURS_MAX = 336;
const HOURS_DEFAULT = 72;
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 500;
const ID_CHARACTERS_MAX = 18;

/** Which changes. */
export interface ChangesQuery {
  /** Empty = all. */
  readonly kinds: readonly CatalogChangeKind[];
  readonly model: string | null;
  /** The id of a change; older ones follow. */
  readonly before: string | null;
  readonly limit: number;
  readonly isRss: boolean;
}

const orNull = (text: string | undefined) => (text === undefined || text === '' ? null : text);

/** Which changes a query asks for. Throws `invalid_request`. */
export function changesQueryOf(read: ReadQuery): ChangesQuery {
  const before = orNull(read('before'));
  if (before !== null && (!/^\d+$/.test(before) || before.length > ID_CHARACTERS_MAX))
    refuseValue('before', 'before must be the id of a change.');
  return {
    kinds: wordsOf('kind', read('kind'), changeKinds),
    model: orNull(read('model')),
    before,
    limit: numberOf('limit', read('limit'), { min: 1, max: LIMIT_MAX, isWhole: true }) ?? LIMIT_DEFAULT,
    isRss: modelFormatOf(read) !== 'json',
  };
}

/** How many hours to look back. Throws `invalid_request`. */
export function hoursOf(read: ReadQuery): number {
  return numberOf('hours', read('hours'), { min: 1, max: HOURS_MAX, isWhole: true }) ?? HOURS_DEFAULT;
}

import type { ColumnSort } from '@bourse/ui';
import { type ActivityQuery, activityHref } from '../search-params.ts';

/** Where the heads of the sortable columns lead. Time turns round; the others sort largest first and turn back to newest. */
export function activityColumnSorts(query: ActivityQuery): Record<'time' | 'tokens' | 'cost', ColumnSort> {
  const href = (sort: ActivityQuery['sort']) => `/activity${activityHref({ ...query, sort, cursor: null })}`;
  const largest = (sort: 'charge' | 'tokens'): ColumnSort => ({
    href: href(query.sort === sort ? 'newest' : sort),
    direction: query.sort === sort ? 'descending' : 'none',
  });
  return { time: timeSort(query, href), tokens: largest('tokens'), cost: largest('charge') };
}

function timeSort(query: ActivityQuery, href: (sort: ActivityQuery['sort']) => string): ColumnSort {
  if (query.sort === 'oldest') return { href: href('newest'), direction: 'ascending' };
  if (query.sort === 'newest') return { href: href('oldest'), direction: 'descending' };
  return { href: href('newest'), direction: 'none' };
}

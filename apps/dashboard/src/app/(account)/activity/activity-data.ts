import { currentTime } from '../../../clock.ts';
import {
  type ActivityFilters,
  type ActivityRow,
  dailyActivity,
  listGenerations,
  summarizeGenerations,
} from '../../../data/activity.ts';
import { type CatalogNames, catalogNames } from '../../../data/catalog.ts';
import { keyNames } from '../../../data/keys.ts';
import type { Session } from '../../../data/session.ts';
import { activityRange } from './activity-range.ts';
import type { ActivityQuery } from './search-params.ts';

/** Everything that the page of activity shows. */
export type ActivityReportData = Awaited<ReturnType<typeof loadActivity>>;

/** Asks for all of it at once. */
export async function loadActivity(session: Session, query: ActivityQuery) {
  const now = currentTime();
  const filters: ActivityFilters = {
    modelSlug: query.model,
    apiKeyId: query.key,
    end: query.end,
    ...activityRange(query, now),
  };
  const [page, summary, days, names, keys] = await Promise.all([
    listGenerations(session, { filters, sort: query.sort, cursor: query.cursor }),
    summarizeGenerations(session, filters),
    // Of all models: the menu must offer more than the one that is chosen.
    dailyActivity(session, { ...filters, modelSlug: null }),
    catalogNames(),
    keyNames(session),
  ]);
  return {
    now,
    filters,
    page,
    summary,
    days: daysOf(days, query.model),
    models: choices(days, query.model, names),
    names,
    keys,
  };
}

function daysOf(days: readonly ActivityRow[], modelSlug: string | null): readonly ActivityRow[] {
  return modelSlug === null ? days : days.filter((row) => row.modelSlug === modelSlug);
}

/** The models that were used, and the chosen one in any case. */
function choices(days: readonly ActivityRow[], chosen: string | null, names: CatalogNames) {
  const slugs = new Set(days.map((row) => row.modelSlug));
  if (chosen !== null) slugs.add(chosen);
  return [...slugs].map((id) => ({ id, name: names.model(id) })).sort((a, b) => a.name.localeCompare(b.name));
}

import 'server-only';
import { authorize } from '@bourse/access';
import type {
  ActivityRow,
  GenerationDetail,
  GenerationEnd,
  GenerationFilters,
  GenerationSort,
  GenerationSummary,
  Page,
  PageRequest,
  StoredGeneration,
} from '@bourse/db';
import { database } from './database.ts';
import { pageOrFirst } from './page-or-first.ts';
import type { Session } from './session.ts';

export type {
  ActivityRow,
  GenerationDetail,
  GenerationEnd,
  GenerationSort,
  GenerationSummary,
  StoredGeneration,
} from '@bourse/db';

/** Which generations are meant. `from` is inclusive, `to` exclusive. */
export type ActivityFilters = {
  modelSlug: string | null;
  apiKeyId: string | null;
  end: GenerationEnd | null;
  from: Date | null;
  to: Date | null;
};

const ROWS_PER_PAGE = 50;

/** A page of generations. A cursor that is not one, or of another order, gives the first page. */
export async function listGenerations(
  session: Session,
  query: { filters: ActivityFilters; sort: GenerationSort; cursor: string | null },
): Promise<Page<StoredGeneration>> {
  authorize(session, 'activity.read');
  const filters = storedFilters(query.filters);
  const list = (page: PageRequest) =>
    database().generations.list({ organizationId: session.organizationId, filters, sort: query.sort, page });
  return pageOrFirst(list, { limit: ROWS_PER_PAGE, cursor: query.cursor });
}

/** Sums over all generations that match. */
export async function summarizeGenerations(session: Session, filters: ActivityFilters): Promise<GenerationSummary> {
  authorize(session, 'activity.read');
  return database().generations.summary({
    organizationId: session.organizationId,
    filters: storedFilters(filters),
  });
}

/** Sums per UTC day, model and provider of all generations that match. */
export async function dailyActivity(session: Session, filters: ActivityFilters): Promise<readonly ActivityRow[]> {
  authorize(session, 'activity.read');
  return database().generations.activity({
    organizationId: session.organizationId,
    filters: storedFilters(filters),
  });
}

/** One generation of the organization; null when it has no such one. */
export async function findGeneration(session: Session, id: string): Promise<GenerationDetail | null> {
  authorize(session, 'generation.read');
  return database().generations.find({ id, organizationId: session.organizationId });
}

function storedFilters({ modelSlug, apiKeyId, end, from, to }: ActivityFilters): GenerationFilters {
  return {
    ...(modelSlug === null ? {} : { modelSlug }),
    ...(apiKeyId === null ? {} : { apiKeyId }),
    ...(end === null ? {} : { end }),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
  };
}

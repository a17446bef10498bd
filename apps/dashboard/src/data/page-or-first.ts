import type { Page, PageRequest } from '@bourse/db';
import { isAppError } from '@bourse/errors';

/** The page that a URL asks for. Cursors in URLs are edited, cut and kept for months: one that does not fit leads to the first page. */
export async function pageOrFirst<Row>(
  list: (page: PageRequest) => Promise<Page<Row>>,
  { limit, cursor }: { limit: number; cursor: string | null },
): Promise<Page<Row>> {
  if (cursor === null) return list({ limit });
  try {
    return await list({ limit, cursor });
  } catch (error) {
    if (isAppError(error) && error.code === 'invalid_request') return list({ limit });
    throw error;
  }
}

import type { Pool } from 'pg';
import type { CatalogChange, CatalogChangeKind, CatalogHistoryStore, ModelAge, PricePeriod } from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';
import { sheetOf } from './catalog.ts';

function clamp(limit: number | undefined, bounds: { readonly standard: number; readonly max: number }): number {
  return Math.min(Math.max(Math.trunc(limit ?? bounds.standard), 1), bounds.max);
}

/** The columns of a sheet as JSON with Prisma's names; null for no sheet. */
function sheetJson(table: string): string {
  return `CASE WHEN ${table}.id IS NULL THEN NULL ELSE jsonb_build_object('id', ${table}.id, 'lines', ${table}.lines,
    'sourceUrl', ${table}.source_url, 'checkedOn', ${table}.checked_on, 'effectiveFrom', ${table}.effective_from) END`;
}

interface SheetJson {
  readonly id: string;
  readonly lines: unknown;
  readonly sourceUrl: string;
  readonly checkedOn: string;
  readonly effectiveFrom: string;
}

function sheet(json: SheetJson) {
  const { id, lines, sourceUrl, checkedOn, effectiveFrom } = json;
  return sheetOf({ id, lines, sourceUrl, checkedOn: new Date(checkedOn), effectiveFrom: new Date(effectiveFrom) });
}

interface PeriodRow {
  readonly endpoint_id: string;
  readonly model_slug: string;
  readonly provider_slug: string;
  readonly tag: string;
  readonly sheet: SheetJson;
  readonly effective_to: Date | null;
  readonly is_listed: boolean;
}

function periodOf(row: PeriodRow): PricePeriod {
  return {
    endpointId: row.endpoint_id,
    modelSlug: row.model_slug,
    providerSlug: row.provider_slug,
    tag: row.tag,
    prices: sheet(row.sheet),
    effectiveTo: row.effective_to,
    isListed: row.is_listed,
  };
}

const PRICE_HISTORY = `
  SELECT s.endpoint_id, e.model_slug, e.provider_slug, e.tag, ${sheetJson('s')} AS sheet, s.effective_to, e.is_listed
    FROM price_sheet s JOIN endpoint e ON e.id = s.endpoint_id
   WHERE e.model_slug = $1 OR e.id = $2
   ORDER BY s.effective_from DESC, s.endpoint_id LIMIT $3`;

interface ChangeRow {
  readonly id: string;
  readonly at: Date;
  readonly kind: CatalogChangeKind;
  readonly model_slug: string;
  readonly model_name: string;
  readonly is_sandbox: boolean;
  readonly endpoint_id: string | null;
  readonly provider_slug: string | null;
  readonly provider_name: string | null;
  readonly price_before: SheetJson | null;
  readonly price_after: SheetJson | null;
}

function changeOf(row: ChangeRow): CatalogChange {
  const { id, at, kind } = row;
  return {
    id,
    at,
    kind,
    modelSlug: row.model_slug,
    modelName: row.model_name,
    isSandbox: row.is_sandbox,
    endpointId: row.endpoint_id,
    providerSlug: row.provider_slug,
    providerName: row.provider_name,
    pricesBefore: row.price_before === null ? null : sheet(row.price_before),
    pricesAfter: row.price_after === null ? null : sheet(row.price_after),
  };
}

const CHANGES = `
  SELECT c.id::text, c.at, c.kind, c.model_slug, m.name AS model_name, m.is_sandbox, c.endpoint_id, e.provider_slug,
         p.name AS provider_name, ${sheetJson('b')} AS price_before, ${sheetJson('a')} AS price_after
    FROM catalog_change c
    JOIN model m ON m.slug = c.model_slug
    LEFT JOIN endpoint e ON e.id = c.endpoint_id
    LEFT JOIN provider p ON p.slug = e.provider_slug
    LEFT JOIN price_sheet b ON b.id = c.price_before_id
    LEFT JOIN price_sheet a ON a.id = c.price_after_id
   WHERE ($1::text[] IS NULL OR c.kind = ANY ($1)) AND ($2::text IS NULL OR c.model_slug = $2)
     AND ($3::bigint IS NULL OR c.id < $3) AND ($4 OR NOT m.is_sandbox)
   ORDER BY c.id DESC LIMIT $5`;

const NEWEST_MODELS = `
  SELECT slug, name, author_slug AS "authorSlug", description, released_on::text AS "releasedOn", listed_at AS "listedAt",
         is_sandbox AS "isSandbox"
    FROM model WHERE is_listed AND ($1 OR NOT is_sandbox)
   ORDER BY coalesce(released_on::timestamptz, listed_at) DESC, slug LIMIT $2`;

/** The catalog's past: see `CatalogHistoryStore`. */
export function createCatalogHistoryStore(pool: Pool): CatalogHistoryStore {
  return withDatabaseErrors<CatalogHistoryStore>({
    async priceHistory({ limit, ...of }) {
      const [model, endpoint] = 'modelSlug' in of ? [of.modelSlug, null] : [null, of.endpointId];
      const size = clamp(limit, { standard: 200, max: 1_000 });
      const { rows } = await pool.query<PeriodRow>(PRICE_HISTORY, [model, endpoint, size]);
      return rows.map(periodOf);
    },
    async changes({ kinds, modelSlug, before, limit, includesSandbox = false } = {}) {
      const size = clamp(limit, { standard: 100, max: 500 });
      const values = [kinds ?? null, modelSlug ?? null, before ?? null, includesSandbox, size];
      const { rows } = await pool.query<ChangeRow>(CHANGES, values);
      return rows.map(changeOf);
    },
    async newestModels({ limit, includesSandbox = false } = {}) {
      const size = clamp(limit, { standard: 50, max: 500 });
      const { rows } = await pool.query<ModelAge>(NEWEST_MODELS, [includesSandbox, size]);
      return rows;
    },
  });
}

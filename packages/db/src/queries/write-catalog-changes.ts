import type { PoolClient } from 'pg';
import type { CatalogChangeKind, CatalogContents } from '../contract.ts';

/** A sheet that was opened, and the one whose place it took; null = the endpoint had none. */
export interface ChangedPrice {
  readonly endpointId: string;
  readonly beforeId: string | null;
  readonly afterId: string;
}

/** What the catalog lists: slugs of models, and endpoints by id with their model's slug. */
export interface Listed {
  readonly models: ReadonlySet<string>;
  readonly endpoints: ReadonlyMap<string, string>;
}

/** What the stored catalog lists at this moment. */
export async function listedNow(client: PoolClient): Promise<Listed> {
  const models = await client.query<{ slug: string }>('SELECT slug FROM model WHERE is_listed');
  const endpoints = await client.query<{ id: string; model_slug: string }>(
    'SELECT id, model_slug FROM endpoint WHERE is_listed',
  );
  return {
    models: new Set(models.rows.map(({ slug }) => slug)),
    endpoints: new Map(endpoints.rows.map((row) => [row.id, row.model_slug])),
  };
}

interface ChangeRow {
  readonly kind: CatalogChangeKind;
  readonly model_slug: string;
  readonly endpoint_id: string | null;
  readonly price_before_id: string | null;
  readonly price_after_id: string | null;
}

function change(kind: CatalogChangeKind, modelSlug: string, about: Partial<ChangeRow> = {}): ChangeRow {
  return { kind, model_slug: modelSlug, endpoint_id: null, price_before_id: null, price_after_id: null, ...about };
}

/** Writes the difference between what was listed and what is, and the prices that changed, to the history. */
export async function writeChanges(
  client: PoolClient,
  version: {
    readonly contents: CatalogContents;
    readonly before: Listed;
    readonly prices: readonly ChangedPrice[];
    readonly versionId: number;
  },
): Promise<void> {
  const { contents, before, prices, versionId } = version;
  const models = new Set(contents.models.map(({ slug }) => slug));
  const endpoints = new Map(contents.endpoints.map(({ id, modelSlug }) => [id, modelSlug]));
  const opened = new Map(prices.map((price) => [price.endpointId, price]));
  const rows = [
    ...[...models].filter((slug) => !before.models.has(slug)).map((slug) => change('model_added', slug)),
    ...[...endpoints]
      .filter(([id]) => !before.endpoints.has(id))
      .map(([id, slug]) =>
        change('endpoint_added', slug, { endpoint_id: id, price_after_id: opened.get(id)?.afterId ?? null }),
      ),
    ...[...before.endpoints]
      .filter(([id]) => !endpoints.has(id))
      .map(([id, slug]) => change('endpoint_removed', slug, { endpoint_id: id })),
    ...[...before.models].filter((slug) => !models.has(slug)).map((slug) => change('model_removed', slug)),
    ...prices.flatMap(({ endpointId, beforeId, afterId }) =>
      beforeId === null
        ? []
        : change('price_changed', endpoints.get(endpointId) ?? '', {
            endpoint_id: endpointId,
            price_before_id: beforeId,
            price_after_id: afterId,
          }),
    ),
  ];
  await client.query(
    `INSERT INTO catalog_change (version_id, kind, model_slug, endpoint_id, price_before_id, price_after_id)
     SELECT $1, c.kind, c.model_slug, c.endpoint_id, c.price_before_id, c.price_after_id
       FROM jsonb_populate_recordset(NULL::catalog_change, $2) c`,
    [versionId, JSON.stringify(rows)],
  );
}

import { createHash } from 'node:crypto';
import { buildSnapshot, type PriceSheet } from '@bourse/catalog';
import type { PoolClient } from 'pg';
import type { CatalogContents, CatalogWriter } from '../contract.ts';
import { type ChangedPrice, listedNow, writeChanges } from './write-catalog-changes.ts';

/** One writer of the catalog at a time; the number is arbitrary and ours. */
const CATALOG_LOCK = 720_412_002;

function replacer(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function storedLines(sheet: PriceSheet): string {
  const lines = sheet.lines.map(({ meter, price, aboveInputTokens }) => ({ meter, price, aboveInputTokens }));
  return JSON.stringify(lines, replacer);
}

/** With the members of objects in one order: a database gives them back in another. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, inOrder(member)]));
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}

function sorted<Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  return rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** The same for the same contents in any order, and before and after storing: ids of sheets and when they came into force are not contents. */
function hashOf({ authors, providers, models, endpoints, aliases }: CatalogContents): string {
  const contents = {
    authors: sorted(authors, ({ slug }) => slug),
    providers: sorted(providers, ({ slug }) => slug),
    models: sorted(models, ({ slug }) => slug),
    endpoints: sorted(endpoints, ({ id }) => id).map(({ prices, ...endpoint }) => ({
      ...endpoint,
      prices: { lines: prices.lines, sourceUrl: prices.sourceUrl, checkedOn: prices.checkedOn },
    })),
    aliases: sorted(aliases, ({ alias }) => alias),
  };
  return createHash('sha256')
    .update(JSON.stringify(inOrder(contents), replacer))
    .digest('hex');
}

/** Writes rows given as JSON objects whose members are the table's columns; what is not among them is no longer listed. */
async function upsert(
  client: PoolClient,
  table: string,
  options: { key: string; rows: readonly object[]; hasListing: boolean },
): Promise<void> {
  const { key, rows, hasListing } = options;
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) return;
  const changes = columns.filter((column) => column !== key).map((column) => `${column} = excluded.${column}`);
  await client.query(
    `INSERT INTO ${table} (${columns.join(', ')})
     SELECT ${columns.map((column) => `r.${column}`).join(', ')} FROM jsonb_populate_recordset(NULL::${table}, $1) r
     ON CONFLICT (${key}) DO UPDATE SET ${changes.join(', ')}`,
    [JSON.stringify(rows)],
  );
  if (!hasListing) return;
  const kept = rows.map((row) => Reflect.get(row, key));
  await client.query(`UPDATE ${table} SET is_listed = false WHERE is_listed AND NOT ${key} = ANY ($1::text[])`, [kept]);
}

async function writeRows(client: PoolClient, contents: CatalogContents): Promise<void> {
  const authors = contents.authors.map(({ slug, name }) => ({ slug, name }));
  await upsert(client, 'author', { key: 'slug', rows: authors, hasListing: false });
  const providers = contents.providers.map((provider) => ({
    slug: provider.slug,
    name: provider.name,
    privacy_policy_url: provider.privacyPolicyUrl,
    terms_of_service_url: provider.termsOfServiceUrl,
    status_page_url: provider.statusPageUrl,
    headquarters: provider.headquarters,
    datacenters: provider.datacenters,
    is_sandbox: provider.isSandbox,
    is_listed: true,
  }));
  await upsert(client, 'provider', { key: 'slug', rows: providers, hasListing: true });
  const models = contents.models.map((model) => ({
    slug: model.slug,
    canonical_slug: model.canonicalSlug,
    author_slug: model.authorSlug,
    name: model.name,
    description: model.description,
    released_on: model.releasedOn,
    context_tokens_max: model.contextTokensMax,
    input_modalities: model.inputModalities,
    output_modalities: model.outputModalities,
    tokenizer: model.tokenizer,
    knowledge_cutoff: model.knowledgeCutoff,
    hugging_face_id: model.huggingFaceId,
    variant: model.variant,
    is_distillable: model.isDistillable,
    expires_on: model.expiresOn,
    successor_slug: model.successorSlug,
    default_parameters: model.defaultParameters,
    reasoning: model.reasoning,
    is_sandbox: model.isSandbox,
    is_listed: true,
  }));
  await upsert(client, 'model', { key: 'slug', rows: models, hasListing: true });
  const endpoints = contents.endpoints.map((endpoint) => ({
    id: endpoint.id,
    model_slug: endpoint.modelSlug,
    provider_slug: endpoint.providerSlug,
    tag: endpoint.tag,
    upstream_model: endpoint.upstreamModel,
    context_tokens_max: endpoint.contextTokensMax,
    output_tokens_max: endpoint.outputTokensMax,
    input_tokens_max: endpoint.inputTokensMax,
    service_tier: endpoint.serviceTier,
    regions: endpoint.regions,
    trains_on_data: endpoint.dataPolicy.trains,
    retention_days: endpoint.dataPolicy.retentionDays,
    is_moderated: endpoint.isModerated,
    quantization: endpoint.quantization,
    supported_parameters: endpoint.supportedParameters,
    markup_bps: endpoint.markupBps,
    is_enabled: endpoint.isEnabled,
    is_listed: true,
  }));
  await upsert(client, 'endpoint', { key: 'id', rows: endpoints, hasListing: true });
  const aliases = contents.aliases.map(({ alias, name, modelSlug }) => ({
    alias,
    name,
    model_slug: modelSlug,
    is_listed: true,
  }));
  await upsert(client, 'model_alias', { key: 'alias', rows: aliases, hasListing: true });
}

/**
 * A changed price closes the sheet in force and opens a new one at this moment; an unchanged one only notes the newer reading. Four statements
 * for the whole catalog. Answers the sheets that took another's place.
 */
async function writePrices(client: PoolClient, { endpoints }: CatalogContents): Promise<readonly ChangedPrice[]> {
  const given = endpoints.map(({ id, prices }) => {
    const lines = storedLines(prices);
    return {
      sheet_id: prices.id,
      endpoint_id: id,
      effective_from: prices.effectiveFrom,
      source_url: prices.sourceUrl,
      checked_on: prices.checkedOn,
      lines: JSON.parse(lines),
      mark: createHash('sha256').update(lines).digest('hex').slice(0, 8),
    };
  });
  const rows = [JSON.stringify(given)];
  const GIVEN = `jsonb_to_recordset($1::jsonb) AS g(sheet_id text, endpoint_id text, effective_from timestamptz, source_url text,
                                                    checked_on date, lines jsonb, mark text)`;
  await client.query(
    `UPDATE price_sheet s SET source_url = g.source_url, checked_on = g.checked_on FROM ${GIVEN}
      WHERE s.endpoint_id = g.endpoint_id AND s.effective_to IS NULL AND s.lines = g.lines
        AND (s.source_url, s.checked_on) IS DISTINCT FROM (g.source_url, g.checked_on)`,
    rows,
  );
  const closed = await client.query<{ endpoint_id: string; id: string }>(
    `UPDATE price_sheet s SET effective_to = now() FROM ${GIVEN}
      WHERE s.endpoint_id = g.endpoint_id AND s.effective_to IS NULL AND s.lines <> g.lines RETURNING s.endpoint_id, s.id`,
    rows,
  );
  const before = new Map(closed.rows.map(({ endpoint_id: endpointId, id }) => [endpointId, id]));
  const opened = await client.query<{ endpoint_id: string; id: string }>(
    `INSERT INTO price_sheet (id, endpoint_id, effective_from, source_url, checked_on, lines)
     SELECT CASE WHEN taken.id IS NULL THEN g.sheet_id
                 ELSE g.sheet_id || '#' || g.mark || to_char(now(), '"-"YYYYMMDDHH24MISSUS') END,
            g.endpoint_id, CASE WHEN g.endpoint_id = ANY ($2) THEN now() ELSE least(g.effective_from, now()) END,
            g.source_url, g.checked_on, g.lines
       FROM ${GIVEN}
       LEFT JOIN price_sheet taken ON taken.id = g.sheet_id
      WHERE NOT EXISTS (SELECT 1 FROM price_sheet o WHERE o.endpoint_id = g.endpoint_id AND o.effective_to IS NULL)
     RETURNING endpoint_id, id`,
    [...rows, [...before.keys()]],
  );
  return opened.rows.map((row) => ({
    endpointId: row.endpoint_id,
    beforeId: before.get(row.endpoint_id) ?? null,
    afterId: row.id,
  }));
}

/** Until the transaction ends, nobody else writes the catalog. */
export async function lockCatalog(client: PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [CATALOG_LOCK]);
}

/** Makes the stored catalog equal to these contents. The lock must be held. */
export async function writeCatalog(
  client: PoolClient,
  contents: CatalogContents,
  { origin, actor }: CatalogWriter,
): Promise<{ version: string; isChanged: boolean }> {
  const version = hashOf(contents);
  const { rows } = await client.query<{ hash: string }>('SELECT hash FROM catalog_version ORDER BY id DESC LIMIT 1');
  if (rows[0]?.hash === version) return { version, isChanged: false };
  // Refuses what could not be loaded again: nothing half-wrong is ever stored.
  buildSnapshot(contents, version);
  const before = await listedNow(client);
  await writeRows(client, contents);
  const prices = await writePrices(client, contents);
  const inserted = await client.query<{ id: number }>(
    'INSERT INTO catalog_version (hash, origin, actor) VALUES ($1, $2, $3) RETURNING id',
    [version, origin, actor],
  );
  await writeChanges(client, { contents, before, prices, versionId: inserted.rows[0]?.id ?? 0 });
  return { version, isChanged: true };
}

/** Writes the data of a release, unless they were the last that were written: what sources and people have changed since stays. */
export async function replaceCatalog(
  client: PoolClient,
  contents: CatalogContents,
): Promise<{ version: string; isChanged: boolean }> {
  await lockCatalog(client);
  const { rows } = await client.query<{ given: string | null; live: string }>(
    `SELECT (SELECT hash FROM catalog_version WHERE origin = 'data' ORDER BY id DESC LIMIT 1) AS given, hash AS live
       FROM catalog_version ORDER BY id DESC LIMIT 1`,
  );
  const [last] = rows;
  if (last?.given === hashOf(contents)) return { version: last.live, isChanged: false };
  return writeCatalog(client, contents, { origin: 'data', actor: null });
}

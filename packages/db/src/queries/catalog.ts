import { createHash } from 'node:crypto';
import {
  buildSnapshot,
  type CatalogData,
  type CatalogSnapshot,
  type Endpoint,
  type Modality,
  type Model,
  type PriceLine,
  type PriceSheet,
  type ServiceTier,
} from '@bourse/catalog';
import { invariant } from '@bourse/errors';
import { isJsonObject, meters } from '@bourse/generation';
import { picodollarsPerUnit } from '@bourse/money';
import type { PoolClient } from 'pg';
import type { Connection } from '../connection.ts';
import type { CatalogContents, CatalogStore } from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';
import type {
  ModelAlias as AliasRow,
  Author as AuthorRow,
  Endpoint as EndpointRow,
  Model as ModelRow,
  PriceSheet as PriceSheetRow,
  Provider as ProviderRow,
} from '../generated/client.ts';
import { inTransaction } from './transaction.ts';

/** One writer of the catalog at a time; the number is arbitrary and ours. */
const CATALOG_LOCK = 720_412_002;

function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function lineOf(value: unknown): PriceLine {
  invariant(isJsonObject(value), 'a stored price line is not an object');
  const { meter: name, price, aboveInputTokens } = value;
  const meter = meters.find((known) => known === name);
  invariant(
    meter !== undefined && typeof price === 'string' && typeof aboveInputTokens === 'number',
    `a stored price line is malformed: ${JSON.stringify(value)}`,
  );
  return { meter, price: picodollarsPerUnit(BigInt(price)), aboveInputTokens };
}

function sheetOf(row: PriceSheetRow): PriceSheet {
  invariant(Array.isArray(row.lines), `price sheet ${row.id} has no list of lines`);
  return {
    id: row.id,
    lines: row.lines.map(lineOf),
    sourceUrl: row.sourceUrl,
    checkedOn: isoDay(row.checkedOn),
    effectiveFrom: row.effectiveFrom,
  };
}

function endpointOf(row: EndpointRow, prices: PriceSheet): Endpoint {
  const { id, modelSlug, providerSlug, tag, upstreamModel, contextTokensMax, outputTokensMax } = row;
  const { quantization, supportedParameters, markupBps, isEnabled, inputTokensMax, regions, isModerated } = row;
  const names = { id, modelSlug, providerSlug, tag, upstreamModel };
  return {
    ...names,
    contextTokensMax,
    outputTokensMax,
    inputTokensMax,
    serviceTier: row.serviceTier as ServiceTier, // a constraint of the table knows the same words
    regions,
    dataPolicy: { trains: row.trainsOnData, retentionDays: row.retentionDays },
    isModerated,
    quantization,
    supportedParameters,
    prices,
    markupBps,
    isEnabled,
  };
}

/** Modalities are written by `replaceCatalog` only, from the same type. */
function modalitiesOf(words: readonly string[]): Modality[] {
  return words as Modality[]; // validated seam: see above
}

function modelOf(row: ModelRow): Model {
  const { isListed: _listed, releasedOn, expiresOn, inputModalities, outputModalities, ...model } = row;
  return {
    ...model,
    // Written by `replaceCatalog` only, from the same types.
    variant: model.variant as Model['variant'],
    defaultParameters: model.defaultParameters as Model['defaultParameters'],
    reasoning: model.reasoning as Model['reasoning'],
    expiresOn: expiresOn === null ? null : isoDay(expiresOn),
    releasedOn: releasedOn === null ? null : isoDay(releasedOn),
    inputModalities: modalitiesOf(inputModalities),
    outputModalities: modalitiesOf(outputModalities),
  };
}

function providerOf(row: ProviderRow) {
  const { isListed: _listed, ...provider } = row;
  return provider;
}

interface Rows {
  readonly authors: readonly AuthorRow[];
  readonly providers: readonly ProviderRow[];
  readonly models: readonly ModelRow[];
  readonly aliases: readonly AliasRow[];
  readonly endpoints: readonly (EndpointRow & { readonly priceSheets: readonly PriceSheetRow[] })[];
}

function contentsOf(rows: Rows): CatalogData {
  const endpoints = rows.endpoints.flatMap((row) => {
    const [sheet] = row.priceSheets;
    return sheet === undefined ? [] : [endpointOf(row, sheetOf(sheet))];
  });
  return {
    authors: [...rows.authors],
    providers: rows.providers.map(providerOf),
    models: rows.models.map(modelOf),
    endpoints,
    aliases: rows.aliases.map(({ alias, name, modelSlug }) => ({ alias, name, modelSlug })),
  };
}

/** The contents' hash and the moment of the latest change of price, by the database clock. */
async function currentVersion(pool: Connection['pool']): Promise<string> {
  const { rows } = await pool.query<{ hash: string | null; changed_at: string | null }>(
    `SELECT (SELECT hash FROM catalog_version ORDER BY id DESC LIMIT 1) AS hash,
            (SELECT max(moment)::text FROM price_sheet, unnest(ARRAY[effective_from, effective_to]) AS moment
              WHERE moment <= now()) AS changed_at`,
  );
  return `${rows[0]?.hash ?? 'empty'} ${rows[0]?.changed_at ?? ''}`.trim();
}

async function loadSnapshot(
  { prisma, pool }: Pick<Connection, 'prisma' | 'pool'>,
  now: () => Date,
): Promise<CatalogSnapshot> {
  // Read before the contents: should they change in between, the next look finds another version and loads again.
  const version = await currentVersion(pool);
  const at = now();
  const inForce = { effectiveFrom: { lte: at }, OR: [{ effectiveTo: null }, { effectiveTo: { gt: at } }] };
  const listed = { where: { isListed: true } };
  // One snapshot of the database for all reads: no half of a new catalog beside half of an old one.
  const [authors, providers, models, endpoints, aliases] = await prisma.$transaction(
    [
      prisma.author.findMany(),
      prisma.provider.findMany(listed),
      prisma.model.findMany(listed),
      prisma.endpoint.findMany({
        ...listed,
        include: { priceSheets: { where: inForce, orderBy: { effectiveFrom: 'desc' }, take: 1 } },
      }),
      prisma.modelAlias.findMany(listed),
    ],
    { isolationLevel: 'RepeatableRead' },
  );
  return buildSnapshot(contentsOf({ authors, providers, models, endpoints, aliases }), version);
}

function replacer(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function storedLines(sheet: PriceSheet): string {
  const lines = sheet.lines.map(({ meter, price, aboveInputTokens }) => ({ meter, price, aboveInputTokens }));
  return JSON.stringify(lines, replacer);
}

function hashOf(contents: CatalogContents): string {
  const { authors, providers, models, endpoints, aliases } = contents;
  return createHash('sha256')
    .update(JSON.stringify({ authors, providers, models, endpoints, aliases }, replacer))
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

/** A changed price closes the sheet in force and opens a new one at this moment; an unchanged one only notes the newer reading. */
async function writePrices(client: PoolClient, { id, prices }: Endpoint): Promise<void> {
  const lines = storedLines(prices);
  const { rows } = await client.query<{ id: string; is_same: boolean }>(
    'SELECT id, lines = $2::jsonb AS is_same FROM price_sheet WHERE endpoint_id = $1 AND effective_to IS NULL',
    [id, lines],
  );
  const [current] = rows;
  if (current?.is_same === true) {
    await client.query('UPDATE price_sheet SET source_url = $2, checked_on = $3 WHERE id = $1', [
      current.id,
      prices.sourceUrl,
      prices.checkedOn,
    ]);
    return;
  }
  if (current !== undefined)
    await client.query('UPDATE price_sheet SET effective_to = now() WHERE id = $1', [current.id]);
  const mark = createHash('sha256').update(lines).digest('hex').slice(0, 8);
  await client.query(
    `INSERT INTO price_sheet (id, endpoint_id, effective_from, source_url, checked_on, lines)
     SELECT CASE WHEN EXISTS (SELECT 1 FROM price_sheet WHERE id = $1) THEN $1 || '#' || $7 || to_char(now(), '"-"YYYYMMDDHH24MISSUS') ELSE $1 END,
            $2, CASE WHEN $3 THEN now() ELSE least($4::timestamptz, now()) END, $5, $6, $8::jsonb`,
    [prices.id, id, current !== undefined, prices.effectiveFrom, prices.sourceUrl, prices.checkedOn, mark, lines],
  );
}

async function replaceCatalog(
  client: PoolClient,
  contents: CatalogContents,
): Promise<{ version: string; isChanged: boolean }> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [CATALOG_LOCK]);
  const version = hashOf(contents);
  const { rows } = await client.query<{ hash: string }>('SELECT hash FROM catalog_version ORDER BY id DESC LIMIT 1');
  if (rows[0]?.hash === version) return { version, isChanged: false };
  // Refuses what could not be loaded again: nothing half-wrong is ever stored.
  buildSnapshot(contents, version);
  await writeRows(client, contents);
  for (const endpoint of contents.endpoints) await writePrices(client, endpoint);
  await client.query('INSERT INTO catalog_version (hash) VALUES ($1)', [version]);
  return { version, isChanged: true };
}

/** The catalog: reads of snapshots, and the replacing of it as a whole. */
export function createCatalogStore(
  { prisma, pool }: Pick<Connection, 'prisma' | 'pool'>,
  now: () => Date,
): CatalogStore {
  return withDatabaseErrors<CatalogStore>({
    loadSnapshot: () => loadSnapshot({ prisma, pool }, now),
    currentVersion: () => currentVersion(pool),
    replaceCatalog: (contents) => inTransaction(pool, (client) => replaceCatalog(client, contents)),
  });
}

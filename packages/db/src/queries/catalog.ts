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
import type { Connection } from '../connection.ts';
import type { CatalogStore } from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';
import type {
  ModelAlias as AliasRow,
  Author as AuthorRow,
  Endpoint as EndpointRow,
  Model as ModelRow,
  PriceSheet as PriceSheetRow,
  Prisma,
  Provider as ProviderRow,
} from '../generated/client.ts';
import { inTransaction } from './transaction.ts';
import { lockCatalog, replaceCatalog, writeCatalog } from './write-catalog.ts';

/** ISO, by UTC. */
export function isoDay(date: Date): string {
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

/** A price sheet as it is stored. */
export function sheetOf(
  row: Omit<PriceSheetRow, 'endpointId' | 'effectiveTo' | 'lines'> & { readonly lines: unknown },
): PriceSheet {
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
  const {
    isListed: _listed,
    listedAt: _since,
    releasedOn,
    expiresOn,
    inputModalities,
    outputModalities,
    ...model
  } = row;
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

/**
 * The contents' hash, the moment of the latest change of price, and the present by the database clock. It is cut to milliseconds, which is what a
 * Date holds: version and prices are then read at one and the same moment.
 */
async function readVersion(pool: Connection['pool']): Promise<{ readonly version: string; readonly at: Date }> {
  const { rows } = await pool.query<{ hash: string | null; changed_at: string | null; at: Date }>(
    `SELECT (SELECT hash FROM catalog_version ORDER BY id DESC LIMIT 1) AS hash, t.at,
            greatest((SELECT max(effective_from) FROM price_sheet WHERE effective_from <= t.at),
                     (SELECT max(effective_to) FROM price_sheet WHERE effective_to <= t.at))::text AS changed_at
       FROM (SELECT date_trunc('milliseconds', now()) AS at) t`,
  );
  const [row] = rows;
  invariant(row !== undefined, 'the present has no row');
  return { version: `${row.hash ?? 'empty'} ${row.changed_at ?? ''}`.trim(), at: row.at };
}

type Reader = Pick<Connection, 'prisma'>;

/** What is listed, each endpoint with the newest sheet that `sheets` lets through. */
async function readContents({ prisma }: Reader, sheets: Prisma.PriceSheetWhereInput): Promise<CatalogData> {
  const listed = { where: { isListed: true } };
  // One snapshot of the database for all reads: no half of a new catalog beside half of an old one.
  const [authors, providers, models, endpoints, aliases] = await prisma.$transaction(
    [
      prisma.author.findMany(),
      prisma.provider.findMany(listed),
      prisma.model.findMany(listed),
      prisma.endpoint.findMany({
        ...listed,
        include: { priceSheets: { where: sheets, orderBy: { effectiveFrom: 'desc' }, take: 1 } },
      }),
      prisma.modelAlias.findMany(listed),
    ],
    { isolationLevel: 'RepeatableRead' },
  );
  return contentsOf({ authors, providers, models, endpoints, aliases });
}

async function loadSnapshot({ prisma, pool }: Pick<Connection, 'prisma' | 'pool'>): Promise<CatalogSnapshot> {
  // Read before the contents: should they change in between, the next look finds another version and loads again.
  const { version, at } = await readVersion(pool);
  const inForce = { effectiveFrom: { lte: at }, OR: [{ effectiveTo: null }, { effectiveTo: { gt: at } }] };
  return buildSnapshot(await readContents({ prisma }, inForce), version);
}

/** The catalog: reads of snapshots, and the replacing of it as a whole. */
export function createCatalogStore({ prisma, pool }: Pick<Connection, 'prisma' | 'pool'>): CatalogStore {
  const newest = () => readContents({ prisma }, { effectiveTo: null });
  return withDatabaseErrors<CatalogStore>({
    loadSnapshot: () => loadSnapshot({ prisma, pool }),
    currentVersion: async () => (await readVersion(pool)).version,
    replaceCatalog: (contents) => inTransaction(pool, (client) => replaceCatalog(client, contents)),
    readContents: newest,
    editCatalog: (edit, writer) =>
      inTransaction(pool, async (client) => {
        await lockCatalog(client);
        return writeCatalog(client, edit(await newest()), writer);
      }),
  });
}

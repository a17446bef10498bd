import { PrismaPg } from '@prisma/adapter-pg';
import type {
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
  SqlQuery,
  SqlResultSet,
} from '@prisma/driver-adapter-utils';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import type { Pool } from 'pg';

type ColumnType = SqlResultSet['columnTypes'][number];

/** The types that PostgreSQL's own catalog tables have, by OID. PrismaPg does not know 18 ("char"), which the engine reads. */
const catalogTypes: ReadonlyMap<number, ColumnType> = new Map<number, ColumnType>([
  [16, ColumnTypeEnum.Boolean],
  [18, ColumnTypeEnum.Character],
  [19, ColumnTypeEnum.Text],
  [20, ColumnTypeEnum.Int64],
  [21, ColumnTypeEnum.Int32],
  [23, ColumnTypeEnum.Int32],
  [25, ColumnTypeEnum.Text],
  [26, ColumnTypeEnum.Int64],
  [1002, ColumnTypeEnum.CharacterArray],
  [1003, ColumnTypeEnum.TextArray],
  [1009, ColumnTypeEnum.TextArray],
  [1043, ColumnTypeEnum.Text],
]);

async function queryCatalog(pool: Pool, query: SqlQuery): Promise<SqlResultSet> {
  const result = await pool.query<unknown[]>({ text: query.sql, values: query.args, rowMode: 'array' });
  const columnTypes = result.fields.map(({ name, dataTypeID }) => {
    const type = catalogTypes.get(dataTypeID);
    if (type === undefined) throw new Error(`the catalog column ${name} has the unknown type ${dataTypeID}`);
    return type;
  });
  return { columnNames: result.fields.map(({ name }) => name), columnTypes, rows: result.rows };
}

/** PrismaPg, but able to describe a database: what the schema engine needs to compare one with the schema. */
export function catalogAdapter(url: string, pool: Pool): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg({ connectionString: url });
  const reading = (adapter: SqlDriverAdapter): SqlDriverAdapter =>
    Object.assign(adapter, { queryRaw: (query: SqlQuery) => queryCatalog(pool, query) });
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => reading(await factory.connect()),
    connectToShadowDb: async () => reading(await factory.connectToShadowDb()),
  };
}

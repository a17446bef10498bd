import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import { Pool } from 'pg';
import { catalogAdapter } from './catalog-adapter.ts';

// The engine insists on this field, which its types leave out (7.10.0).
type DiffQuestion = Parameters<SchemaEngine['diff']>[0] & { readonly shadowDatabaseUrl: string | null };

/** The SQL that brings the database at `url` to prisma/schema; an empty string when they agree. */
export async function diffToSchema(url: string, schemaDirectory: string): Promise<string> {
  const names = (await readdir(schemaDirectory)).filter((name) => name.endsWith('.prisma')).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(schemaDirectory, name);
      return { path, content: await readFile(path, 'utf8') };
    }),
  );
  const pool = new Pool({ connectionString: url, max: 1 });
  try {
    const engine = await SchemaEngine.new(
      { datamodels: files.map(({ path, content }) => [path, content]) },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(catalogAdapter(url, pool)),
    );
    const question: DiffQuestion = {
      from: { tag: 'schemaDatasource', files, configDir: schemaDirectory },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      shadowDatabaseUrl: null,
      filters: { externalTables: ['public._prisma_migrations'], externalEnums: [] },
    };
    const { stdout } = await engine.diff(question);
    const sql = (stdout ?? '').trim();
    return sql.includes('This is an empty migration') ? '' : sql;
  } finally {
    await pool.end();
  }
}

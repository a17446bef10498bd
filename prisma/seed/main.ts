import { readFileSync, statSync } from 'node:fs';
import { type CatalogData, loadCatalogData, withOwnCatalog } from '@bourse/catalog/data';
import { migrate, openDatabase } from '@bourse/db';
import { seedDemo } from './demo.ts';

/** The maintained catalog, and what the operator's own file adds to it; its prices hold from the day on which it was last changed. */
function catalogOf(ownFile: string | undefined): CatalogData {
  const catalog = loadCatalogData();
  if (ownFile === undefined || ownFile === '') return catalog;
  try {
    const own: unknown = JSON.parse(readFileSync(ownFile, 'utf8'));
    return withOwnCatalog(catalog, own, statSync(ownFile).mtime.toISOString().slice(0, 10));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`BOURSE_CATALOG_FILE (${ownFile}): ${message}`);
  }
}

/**
 * `pnpm db:seed`: brings a database to what the repository says: schema, catalog and, outside production, the demo organization.
 * Can be run at any time. The last line of standard output is JSON: who may sign in and with which keys to call.
 */
async function main(): Promise<void> {
  const url = process.env['DATABASE_URL'];
  if (url === undefined || url === '') throw new Error('DATABASE_URL is not set.');
  await migrate({ url });
  const db = openDatabase({ url, applicationName: 'bourse-seed' });
  try {
    const { isChanged, version } = await db.catalog.replaceCatalog(catalogOf(process.env['BOURSE_CATALOG_FILE']));
    console.log(`catalog ${version.slice(0, 12)} ${isChanged ? 'written' : 'unchanged'}`);
    if (process.env['NODE_ENV'] === 'production') return;
    const access = await seedDemo(db, {
      apiKey: process.env['BOURSE_DEMO_API_KEY'],
      managementKey: process.env['BOURSE_DEMO_MANAGEMENT_KEY'],
    });
    console.log(JSON.stringify(access));
  } finally {
    await db.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : error);
  process.exitCode = 1;
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogData } from '@bourse/catalog/data';
import { migrate, openDatabase } from '@bourse/db';
import { startEmbeddedPostgres } from '@bourse/db/embedded';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { freePort } from './free-port.ts';

/** The database that every test file's own one is cloned from: migrated, with the catalog in it. */
export const TEMPLATE = 'bourse_template';

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection URL of the server of this test run, with its maintenance database. */
    databaseServerUrl: string;
  }
}

async function buildTemplate(serverUrl: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = `/${TEMPLATE}`;
  await migrate({ url: url.href });
  const db = openDatabase({ url: url.href, applicationName: 'bourse-template' });
  await db.catalog.replaceCatalog(loadCatalogData());
  // A template can be cloned only while nobody is connected to it.
  await db.close();
}

/** Vitest's global setup: one real PostgreSQL for the run, thrown away at its end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'bourse-test-'));
  const server = await startEmbeddedPostgres({
    dataDir: join(directory, 'postgres'),
    port: await freePort(),
    isEphemeral: true,
  });
  await buildTemplate(server.url);
  project.provide('databaseServerUrl', server.url);
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

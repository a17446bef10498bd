import 'server-only';
import { type Database, openDatabase } from '@bourse/db';
import { env } from '../env.ts';

declare global {
  /** Survives the module reloads of `next dev`, where every reload would otherwise open another pool. */
  var bourseDatabase: Database | undefined;
}

/** The database, opened at the first call. Connects to nothing until the first query. */
export function database(): Database {
  globalThis.bourseDatabase ??= openDatabase({ url: env().DATABASE_URL, applicationName: 'bourse-dashboard' });
  return globalThis.bourseDatabase;
}

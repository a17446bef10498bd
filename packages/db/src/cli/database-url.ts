import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isJsonObject } from '@bourse/generation';

/** The database of DATABASE_URL, else the one that `npm start` wrote to .bourse/dev.json. Throws a sentence for people when there is neither. */
export async function databaseUrl(): Promise<string> {
  const fromEnvironment = process.env['DATABASE_URL'];
  if (fromEnvironment) return fromEnvironment;
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
  const text = await readFile(join(root, '.bourse', 'dev.json'), 'utf8').catch(() => '{}');
  const settings: unknown = JSON.parse(text);
  if (isJsonObject(settings) && typeof settings['databaseUrl'] === 'string') return settings['databaseUrl'];
  throw new Error('Set DATABASE_URL, or run npm start first: there is no database to talk to.');
}

import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from '../run/root-dir.ts';
import { runCommand } from '../run/run-command.ts';

const folder = join(rootDir, 'packages/db/src/generated');
// Inside the folder, so that deleting the client also deletes the claim that it is fresh.
const stampPath = join(folder, '.schema-hash');

/**
 * Writes the Prisma client when the schema or Prisma has changed since the last time.
 * Answers whether it wrote; throws with Prisma's own words when it cannot.
 */
export async function generatePrismaClient(signal?: AbortSignal): Promise<boolean> {
  const hash = hashInputs();
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === hash) return false;
  const { code, output } = await runCommand({
    command: process.execPath,
    args: ['scripts/prisma-generate.ts'],
    signal,
  });
  if (code !== 0) throw new Error(`The Prisma client could not be generated:\n${output}`);
  writeFileSync(stampPath, hash);
  return true;
}

function hashInputs(): string {
  const paths = [
    ...globSync('prisma/schema/**/*.prisma', { cwd: rootDir }).sort(),
    ...['scripts/prisma-generate.ts', 'node_modules/prisma/package.json'],
  ];
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(readFileSync(join(rootDir, path)));
  return hash.digest('hex');
}

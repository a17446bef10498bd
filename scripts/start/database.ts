import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from '../run/root-dir.ts';
import { runCommand } from '../run/run-command.ts';
import type { Variables } from './environment.ts';
import { Refusal } from './refusal.ts';

/** A PostgreSQL to connect to, and how to stop it if it is ours. */
export type OpenedDatabase = { readonly url: string; stop(): Promise<void> };

/** The database of DATABASE_URL, or else an embedded one in the state directory. */
export async function openDatabase(options: {
  readonly configuredUrl: string | undefined;
  readonly stateDir: string;
  readonly port: number;
}): Promise<OpenedDatabase> {
  if (options.configuredUrl) return { url: options.configuredUrl, stop: async () => {} };
  // Loaded only here: the module loads PostgreSQL's binaries, which a configured database does not need.
  const { startEmbeddedPostgres } = await import('@bourse/db/embedded');
  try {
    return await startEmbeddedPostgres({ dataDir: dataDirIn(options.stateDir), port: options.port });
  } catch (cause) {
    // It speaks to people already: "could not create its data directory ...".
    throw new Refusal(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Whether an embedded server of an earlier start may still run here: it is joined, so its port is busy for a good reason. */
export function hasEmbeddedServer(stateDir: string): boolean {
  return existsSync(join(dataDirIn(stateDir), 'postmaster.pid'));
}

function dataDirIn(stateDir: string): string {
  return join(stateDir, 'postgres');
}

/** What the demo organization can be used with. */
export type DemoAccess = {
  readonly email: string;
  readonly apiKey: string;
  readonly managementKey: string;
  readonly organizationId: string;
};

/** Brings the schema up to date. Throws a Refusal with the migration's own words. */
export async function migrate(variables: Variables, signal?: AbortSignal): Promise<void> {
  await runScript('packages/db/src/cli/migrate.ts', variables, signal);
}

/** Puts the catalog and the demo organization in place; running it again changes nothing. */
export async function seed(variables: Variables, signal?: AbortSignal): Promise<DemoAccess> {
  const output = await runScript('prisma/seed/main.ts', variables, signal);
  const lastLine = output.trim().split('\n').at(-1) ?? '';
  const printed: unknown = lastLine.startsWith('{') ? JSON.parse(lastLine) : {};
  const text = (name: string): string => {
    const value: unknown = typeof printed === 'object' && printed !== null ? Reflect.get(printed, name) : undefined;
    if (typeof value !== 'string') throw new Error(`The seed did not print "${name}" in its last line: ${lastLine}`);
    return value;
  };
  return {
    email: text('email'),
    apiKey: text('apiKey'),
    managementKey: text('managementKey'),
    organizationId: text('organizationId'),
  };
}

async function runScript(path: string, variables: Variables, signal: AbortSignal | undefined): Promise<string> {
  const { code, output, stdout } = await runCommand({
    command: process.execPath,
    args: [join(rootDir, path)],
    env: variables,
    signal,
    timeoutMs: 300_000,
  });
  if (code !== 0) throw new Refusal(`${path} failed with exit code ${code}:\n${output.trimEnd()}`);
  return stdout;
}

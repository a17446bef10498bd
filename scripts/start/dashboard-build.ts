import { join } from 'node:path';
import { rootDir } from '../run/root-dir.ts';
import { runCommand } from '../run/run-command.ts';
import { tool } from '../run/tool.ts';
import { Refusal } from './refusal.ts';

/** Builds the dashboard for production, or fetches the same build from Turborepo's cache. Answers whether it was cached. */
export async function buildDashboard(signal?: AbortSignal): Promise<{ readonly isCached: boolean }> {
  const { command, args } = tool('turbo');
  const { code, output } = await runCommand({
    command,
    args: [...args, 'run', 'build', '--filter=@bourse/dashboard', '--output-logs=new-only', '--no-update-notifier'],
    env: {
      ...process.env,
      // The build takes nothing from the machine's settings: one build serves every configuration.
      NODE_ENV: 'production',
      TURBO_TELEMETRY_DISABLED: '1',
      NEXT_TELEMETRY_DISABLED: '1',
    },
    signal,
    timeoutMs: 900_000,
  });
  if (code !== 0) throw new Refusal(`The dashboard could not be built:\n${output.trimEnd().slice(-6000)}`);
  return { isCached: /1 cached, 1 total/.test(output) };
}

/** Node's arguments that serve the built dashboard. */
export function dashboardCommand(port: number): { readonly args: readonly string[]; readonly cwd: string } {
  const cwd = join(rootDir, 'apps/dashboard');
  return { cwd, args: [join(cwd, 'node_modules/next/dist/bin/next'), 'start', '--port', String(port)] };
}

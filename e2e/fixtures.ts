import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect } from '@playwright/test';
import type { DevInfo } from '../scripts/start/dev-info.ts';

type Fixtures = {
  /** The running market: addresses, the demo organization's keys, a model to call. */
  readonly market: DevInfo;
  /** What the consoles of our own pages and uncaught errors said so far; a journey ends by expecting it empty. */
  readonly consoleErrors: string[];
};

/** Playwright's `test` with the market that scripts/e2e.ts started. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off this very pattern.
  market: async ({}, use) => {
    const stateDir = process.env['BOURSE_E2E_STATE_DIR'];
    if (!stateDir) throw new Error('Run the journeys through `pnpm e2e`, which starts a market for them.');
    // Written by startMarket a moment ago, from the very type.
    await use(JSON.parse(readFileSync(join(stateDir, 'dev.json'), 'utf8')) as DevInfo);
  },
  consoleErrors: async ({ page, market }, use) => {
    const errors: string[] = [];
    page.on('console', (message) => {
      const { url } = message.location();
      // The sandbox's mailbox and checkout are the outside world: what they say is not ours to judge.
      if (message.type() === 'error' && !url.startsWith(market.sandboxUrl) && !url.startsWith('about:')) {
        errors.push(`${message.text()} (${url})`);
      }
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await use(errors);
  },
});

export { expect };

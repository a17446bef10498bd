import { defineConfig } from '@playwright/test';

// scripts/e2e.ts starts the market, prepares the browser and passes both on; run the journeys through `pnpm e2e`.
const { BOURSE_CHROMIUM: executablePath, BOURSE_E2E_DASHBOARD_URL: baseURL, BOURSE_E2E_REPORT: report } = process.env;

export default defineConfig({
  testDir: 'e2e',
  outputDir: '.bourse/test-results',
  // The journeys share one market and watch its totals, so they go one after another, and each succeeds at once or not at all.
  workers: 1,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: [['list'], ...(report ? [['json', { outputFile: report }] as const] : [])],
  use: {
    ...(baseURL ? { baseURL } : {}),
    browserName: 'chromium',
    launchOptions: executablePath ? { executablePath } : {},
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    viewport: { width: 1280, height: 800 },
  },
});

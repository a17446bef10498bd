import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const notOurs = ['**/node_modules/**', '**/.next/**', '**/dist/**', '.bourse/**', 'e2e/**'];

// `server-only` throws on import outside a React server bundle; the data modules it guards are tested on plain Node.
const alias = { 'server-only': at('./tooling/server-only-stub.ts') };

export default defineConfig({
  resolve: { alias },
  test: {
    // Two cores are what CI has; more workers only make the tests with a deadline wait for one another.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...notOurs, '**/*.integration.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: notOurs,
          // Starts one embedded PostgreSQL and builds the template that each test file clones.
          globalSetup: [at('./packages/testing/src/global-setup.ts')],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

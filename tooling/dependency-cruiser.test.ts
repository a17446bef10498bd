import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const configPath = fileURLToPath(new URL('./dependency-cruiser.cjs', import.meta.url));

/** One forbidden import per row: the rule that must catch it, the file that makes it, and what the file says. */
const seeded = [
  ['floor-0-looks-up', 'packages/money/src/up.ts', "import '@bourse/billing';"],
  ['floor-0-looks-up', 'packages/wire/src/types-too.ts', "import type { A } from '@bourse/db'; export type B = A;"],
  ['floor-1-looks-up', 'packages/routing/src/up.ts', "import '@bourse/db';"],
  [
    'pure-floors-do-no-io',
    'packages/billing/src/disk.ts',
    "import { readFileSync } from 'node:fs'; readFileSync('x');",
  ],
  ['floor-0-stands-alone', 'packages/ids/src/npm.ts', "import 'hono';"],
  ['adapters-apart', 'packages/payments/src/sideways.ts', "import '@bourse/db';"],
  ['testing-knows-only-db', 'packages/testing/src/sideways.ts', "import '@bourse/payments';"],
  ['packages-know-no-app', 'packages/db/src/app.ts', "import '../../../apps/worker/src/index.ts';"],
  ['apps-apart', 'apps/worker/src/neighbour.ts', "import '../../gateway/src/index.ts';"],
  ['front-door-only', 'apps/worker/src/window.ts', "import '../../../packages/db/src/inside.ts';"],
  ['only-db-imports-prisma', 'apps/worker/src/prisma.ts', "import '@prisma/client';"],
  ['dashboard-reads-through-data', 'apps/dashboard/src/app/page.tsx', "import '@bourse/db'; export const a = <p />;"],
  ['only-gateway-talks-to-providers', 'apps/worker/src/call.ts', "import '@bourse/providers';"],
  ['only-dashboard-uses-ui', 'apps/gateway/src/button.ts', "import '@bourse/ui';"],
  ['testing-stays-in-tests', 'apps/gateway/src/harness.ts', "import '@bourse/testing';"],
  ['not-to-unresolvable', 'apps/gateway/src/lost.ts', "import './nowhere.ts';"],
  ['not-undeclared', 'apps/gateway/src/undeclared.ts', "import 'hono';"],
  ['no-circular', 'apps/gateway/src/one.ts', "import './two.ts'; export const one = 1;"],
] as const;

const allowed = {
  'packages/wire/src/down.ts': "import '@bourse/errors'; import 'zod';",
  'packages/routing/src/sideways.ts': "import '@bourse/billing'; import '@bourse/money';",
  'packages/db/src/down.ts': "import '@bourse/billing'; import '@bourse/telemetry'; import '@prisma/client';",
  'packages/testing/src/database.ts': "import '@bourse/db';",
  'apps/dashboard/src/data/keys.ts': "import '@bourse/db'; import '@bourse/ui';",
  'apps/gateway/src/down.ts': "import '@bourse/providers'; import '@bourse/db';",
  'apps/gateway/src/down.test.ts': "import '@bourse/testing';",
  'apps/gateway/src/two.ts': "import './one.ts'; export const two = 2;",
};

const packageNames = [
  ...['money', 'ids', 'errors', 'generation', 'wire', 'catalog', 'routing', 'billing', 'access'],
  ...['db', 'providers', 'redis', 'payments', 'telemetry', 'ui', 'testing'],
];
const appNames = ['gateway', 'worker', 'dashboard', 'sandbox'];

let root: string;
let violations: Set<string>;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function writeManifest(folder: string, name: string, npm: readonly string[]): void {
  const workspace = packageNames.map((each) => `@bourse/${each}`).filter((each) => each !== name);
  const dependencies = Object.fromEntries([...workspace, ...npm].map((each) => [each, '*']));
  write(`${folder}/package.json`, JSON.stringify({ name, exports: { '.': './src/index.ts' }, dependencies }));
  write(`${folder}/src/index.ts`, 'export {};');
}

/** A house in small: the same folders and package names as ours, with every rule broken once. */
function buildHouse(): void {
  write('package.json', JSON.stringify({ name: 'house' }));
  for (const name of packageNames) {
    writeManifest(`packages/${name}`, `@bourse/${name}`, ['zod', 'hono', '@prisma/client']);
    mkdirSync(join(root, 'node_modules/@bourse'), { recursive: true });
    symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@bourse', name));
  }
  for (const name of appNames) writeManifest(`apps/${name}`, `@bourse/${name}`, ['@prisma/client']);
  for (const name of ['zod', 'hono', '@prisma/client']) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
    write(`node_modules/${name}/index.js`, '');
  }
  write('packages/db/src/inside.ts', 'export {};');
  for (const [, path, text] of seeded) write(path, text);
  for (const [path, text] of Object.entries(allowed)) write(path, text);
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'bourse-boundaries-'));
  buildHouse();
  const config = await extractConfig(configPath);
  const { output } = await cruise(['apps', 'packages'], {
    ...config.options,
    ruleSet: { forbidden: config.forbidden ?? [] },
    validate: true,
    baseDir: root,
  });
  if (typeof output === 'string') throw new Error('The cruise answered with text instead of a result.');
  violations = new Set(output.summary.violations.map((each) => `${each.rule.name} ${each.from}`));
}, 60_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the import rules', () => {
  test.each(seeded)('%s is red for %s', (rule, path) => {
    expect([...violations]).toContain(`${rule} ${path}`);
  });

  test('imports that go down, or sideways on a pure floor, are green', () => {
    const files = Object.keys(allowed).filter((path) => !path.endsWith('two.ts'));
    const red = [...violations].filter((each) => files.some((path) => each.endsWith(` ${path}`)));
    expect(red).toEqual([]);
  });
});

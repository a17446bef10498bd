import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const rootDir = fileURLToPath(new URL('..', import.meta.url));

const source = `
type Ending = 'finished' | 'cut';
async function settle(): Promise<number> {
  return 1;
}
export async function seeded(ending: Ending): Promise<void> {
  settle();
  await 3;
  [1].forEach(async () => {
    await settle();
  });
  switch (ending) {
    case 'finished':
      break;
  }
  switch (ending) {
    case 'finished':
      break;
    default:
      break;
  }
}
`;

let folder: string;
let output: string;
let status: number | null;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bourse-oxlint-'));
  const compilerOptions = { strict: true, target: 'ES2024', module: 'NodeNext', types: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  writeFileSync(join(folder, 'seeded.ts'), source);
  const run = spawnSync(
    process.execPath,
    [join(rootDir, 'node_modules/oxlint/bin/oxlint'), '--type-aware', '-c', join(rootDir, '.oxlintrc.json'), folder],
    { cwd: rootDir, encoding: 'utf8' },
  );
  output = run.stdout + run.stderr;
  status = run.status;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['no-floating-promises', 'await-thenable', 'no-misused-promises', 'switch-exhaustiveness-check'])(
  '%s fires on a seeded violation',
  (rule) => {
    expect(output).toContain(`(${rule})`);
  },
);

test('a default branch does not make a switch exhaustive, and a violation makes the run fail', () => {
  expect(output.match(/\(switch-exhaustiveness-check\)/g)).toHaveLength(2);
  expect(status).not.toBe(0);
});

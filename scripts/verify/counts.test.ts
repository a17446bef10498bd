import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countPlaywright, countStage, countVitest } from './counts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bourse-counts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function report(contents: unknown): string {
  const path = join(folder, 'report.json');
  writeFileSync(path, JSON.stringify(contents));
  return path;
}

test('vitest: tests are counted', () => {
  const path = report({ numPassedTests: 7, numFailedTests: 2, success: false });
  expect(countVitest(path)).toEqual({ passed: 7, failed: 2 });
});

test('vitest: a file that does not load is a failure, though no test failed', () => {
  const path = report({ numPassedTests: 7, numFailedTests: 0, success: false });
  expect(countVitest(path)).toEqual({ passed: 7, failed: 1 });
});

test('playwright: flaky and skipped journeys are failures', () => {
  const stats = { expected: 3, unexpected: 1, flaky: 1, skipped: 1 };
  expect(countPlaywright(report({ stats, errors: [] }))).toEqual({ passed: 3, failed: 3 });
});

test('playwright: an error outside every journey is a failure', () => {
  const stats = { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
  expect(countPlaywright(report({ stats, errors: [{ message: 'no config' }] }))).toEqual({ passed: 0, failed: 1 });
});

test('a report in another shape is an error and not a zero', () => {
  expect(() => countVitest(report({ passed: 3 }))).toThrow('no number "numPassedTests"');
});

test('a stage that ran nothing has failed, however well it ended', () => {
  expect(countStage({ passed: 0, failed: 0 }, true)).toEqual({ passed: 0, failed: 1 });
});

test('a stage that ended badly without a failed test has failed', () => {
  expect(countStage({ passed: 5, failed: 0 }, false)).toEqual({ passed: 5, failed: 1 });
  expect(countStage({ passed: 5, failed: 2 }, false)).toEqual({ passed: 5, failed: 2 });
});

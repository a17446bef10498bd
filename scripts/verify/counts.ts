import { readFileSync } from 'node:fs';

/** How many tests ended well and badly. */
export type Count = { readonly passed: number; readonly failed: number };

/** Counts in a report of `vitest --reporter=json`. A suite that could not even be loaded counts as one failure. */
export function countVitest(path: string): Count {
  const report = readReport(path);
  const passed = numberAt(report, 'numPassedTests');
  const failed = numberAt(report, 'numFailedTests');
  const hasBrokenSuite = Reflect.get(report, 'success') !== true;
  return { passed, failed: failed === 0 && hasBrokenSuite ? 1 : failed };
}

/** Counts in a report of Playwright's JSON reporter. A flaky test failed once, and once is enough. */
export function countPlaywright(path: string): Count {
  const report = readReport(path);
  const stats: unknown = Reflect.get(report, 'stats');
  const errors: unknown = Reflect.get(report, 'errors');
  if (typeof stats !== 'object' || stats === null) throw new Error(`${path} has no stats.`);
  const broken = Array.isArray(errors) ? errors.length : 0;
  const failed = numberAt(stats, 'unexpected') + numberAt(stats, 'flaky') + numberAt(stats, 'skipped');
  return { passed: numberAt(stats, 'expected'), failed: failed + broken };
}

/** A stage that ran nothing has failed: a filter or a glob is wrong, and green would be a lie. */
export function countStage(count: Count, hasEndedWell: boolean): Count {
  if (count.passed + count.failed === 0) return { passed: 0, failed: 1 };
  return count.failed === 0 && !hasEndedWell ? { ...count, failed: 1 } : count;
}

function readReport(path: string): object {
  const report: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof report !== 'object' || report === null) throw new Error(`${path} is not a report.`);
  return report;
}

function numberAt(of: object, name: string): number {
  const value: unknown = Reflect.get(of, name);
  if (typeof value !== 'number') throw new Error(`The report has no number "${name}".`);
  return value;
}

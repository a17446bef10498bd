import type { FileMeasure } from './measure.ts';
import type { OccurrenceKind } from './occurrences.ts';
import { isTest, isTool } from './sources.ts';

/** The budgets. `clientShare` is the greatest part of the dashboard's .tsx files that may say 'use client'. */
export const limits = { functionLines: 70, fileLines: 400, params: 3, nesting: 3, clientShare: 0.25 } as const;

/** One overrun: where, and a sentence that says what to do. */
export type Violation = { readonly path: string; readonly line: number; readonly message: string };

/** What the rules need to know besides the files. */
export type RuleContext = { readonly providerIds: ReadonlySet<string> };

/** Judges every file. An empty list means that the budgets hold. */
export function findViolations(files: readonly FileMeasure[], context: RuleContext): Violation[] {
  return [...files.flatMap((file) => [...judgeSize(file), ...judgeOccurrences(file, context)]), ...judgeClients(files)];
}

function judgeSize(file: FileMeasure): Violation[] {
  if (isTest(file.path)) return [];
  const { path } = file;
  const violations: Violation[] = [];
  const isData = /\/data\/|\/schema\.ts$/.test(path) && !path.startsWith('apps/dashboard/');
  if (file.lines > limits.fileLines && !isData) {
    violations.push({ path, line: 1, message: `${file.lines} lines; a file has at most ${limits.fileLines}` });
  }
  for (const { name, line, lines, params, nesting } of file.functions) {
    const report = (message: string) => violations.push({ path, line, message: `${name}: ${message}` });
    if (lines > limits.functionLines) report(`${lines} lines; a function has at most ${limits.functionLines}`);
    if (params > limits.params) report(`${params} parameters; beyond ${limits.params} it is one named object`);
    if (nesting > limits.nesting) report(`nested ${nesting} deep; at most ${limits.nesting}`);
  }
  return violations;
}

const messages: Partial<Record<OccurrenceKind, string>> = {
  any: 'any; start from unknown',
  'non-null': 'non-null assertion; narrow instead',
  'unexplained-cast': 'a cast without a comment that says why it is safe',
  env: 'process.env outside env.ts',
  clock: 'reads the clock; take `now` as a dependency',
  chance: 'draws randomness; take it as a dependency',
};

function judgeOccurrences({ path, occurrences }: FileMeasure, { providerIds }: RuleContext): Violation[] {
  return occurrences.flatMap(({ kind, line, text }) => {
    if (isExempt(kind, path)) return [];
    if (kind === 'literal') {
      return providerIds.has(text) ? [{ path, line, message: `the provider id '${text}' as a literal; use data` }] : [];
    }
    const message = messages[kind];
    return message ? [{ path, line, message: `${message} (${text})` }] : [];
  });
}

/** Where each kind is at home. `any` is at home nowhere, not even in a test. */
function isExempt(kind: OccurrenceKind, path: string): boolean {
  switch (kind) {
    case 'any':
      return false;
    case 'cast':
    case 'non-null':
    case 'unexplained-cast':
      return isTest(path);
    case 'env':
      return isTest(path) || isTool(path) || /(^|\/)env\.ts$/.test(path);
    case 'clock':
    case 'chance':
      return (
        isTest(path) ||
        isTool(path) ||
        /(^|\/)(main|clock|open-database)\.ts$|^packages\/ids\/|^apps\/sandbox\//.test(path)
      );
    case 'literal':
      return (
        isTest(path) || isTool(path) || /^packages\/(providers|catalog\/(src\/)?data)\/|^apps\/sandbox\//.test(path)
      );
  }
}

function judgeClients(files: readonly FileMeasure[]): Violation[] {
  const { clients, components } = clientShare(files);
  const entries = clients.filter(({ path }) => /\/(page|layout)\.tsx$/.test(path));
  const violations = entries.map(({ path }) => ({ path, line: 1, message: "'use client' on a page or layout" }));
  if (clients.length > components.length * limits.clientShare) {
    const message = `${clients.length} of ${components.length} components are client components; at most ${limits.clientShare * 100} %`;
    violations.push({ path: 'apps/dashboard', line: 1, message });
  }
  return violations;
}

/** The dashboard's components, and those of them that are sent to browsers. */
export function clientShare(files: readonly FileMeasure[]): { clients: FileMeasure[]; components: FileMeasure[] } {
  const components = files.filter(({ path }) => /^apps\/dashboard\/.*\.tsx$/.test(path) && !isTest(path));
  return { components, clients: components.filter(({ isClient }) => isClient) };
}

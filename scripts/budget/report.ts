import type { FileMeasure } from './measure.ts';
import type { OccurrenceKind } from './occurrences.ts';
import { clientShare, limits } from './rules.ts';
import { isTest } from './sources.ts';

/** A table of what was measured beside its limit, for people. */
export function formatReport(files: readonly FileMeasure[]): string {
  const own = files.filter(({ path }) => !isTest(path));
  const functions = own.flatMap((file) => file.functions.filter(({ lines }) => lines > 1));
  const { clients, components } = clientShare(files);
  const share = components.length ? Math.round((clients.length / components.length) * 100) : 0;
  const rows = [
    ['', 'p50', 'p90', 'max', 'limit'],
    spread(
      'function lines',
      functions.map(({ lines }) => lines),
      limits.functionLines,
    ),
    spread(
      'file lines',
      own.map(({ lines }) => lines),
      limits.fileLines,
    ),
    spread(
      'parameters',
      functions.map(({ params }) => params),
      limits.params,
    ),
    spread(
      'nesting',
      functions.map(({ nesting }) => nesting),
      limits.nesting,
    ),
  ];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const table = rows.map((row) => row.map((cell, at) => (at ? cell.padStart(width(at)) : cell.padEnd(width(at)))));
  return [
    ...table.map((row) => row.join('  ')),
    `${own.length} files, ${functions.length} functions of more than one line, ${files.length - own.length} test files`,
    `any ${count(files, 'any')}, non-null ${count(own, 'non-null')}, casts ${count(own, 'cast')}, ` +
      `client components ${clients.length} of ${components.length} (${share} %, limit ${limits.clientShare * 100} %)`,
  ].join('\n');
}

/** Every cast outside tests, one a line. */
export function formatCasts(files: readonly FileMeasure[]): string {
  return files
    .filter(({ path }) => !isTest(path))
    .flatMap(({ path, occurrences }) =>
      occurrences.filter(({ kind }) => kind === 'cast').map(({ line, text }) => `${path}:${line}  ${text}`),
    )
    .join('\n');
}

function count(files: readonly FileMeasure[], kind: OccurrenceKind): number {
  return files.reduce((sum, file) => sum + file.occurrences.filter((each) => each.kind === kind).length, 0);
}

function spread(name: string, values: readonly number[], limit: number): string[] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => String(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return [name, at(0.5), at(0.9), at(1), String(limit)];
}

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What became of one case: `pass`, or why it cannot be asked. */
export type Cell = 'pass' | { readonly unsupported: string };

/** A table of the page: rows are asked, columns are cases. */
export interface Matrix {
  readonly title: string;
  readonly about: string;
  readonly rowName: string;
  readonly columns: readonly string[];
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, Cell>>;
}

const page = fileURLToPath(new URL('../../../../docs/COMPATIBILITY.md', import.meta.url));

/** Footnotes of a table: a reason is written once, however many cells it holds for. */
function footnotes(matrix: Matrix): readonly string[] {
  const reasons = [...matrix.rows.values()].flatMap((cells) => [...cells.values()]);
  return [...new Set(reasons.flatMap((cell) => (cell === 'pass' ? [] : [cell.unsupported])))];
}

/** A table in Markdown. A cell that nobody filled is a mistake of the battery and throws. */
export function renderMatrix(matrix: Matrix): string {
  const notes = footnotes(matrix);
  const cellText = (row: string, column: string): string => {
    const cell = matrix.rows.get(row)?.get(column);
    if (cell === undefined) throw new Error(`${row} x ${column} was never tried`);
    return cell === 'pass' ? 'pass' : `unsupported (${notes.indexOf(cell.unsupported) + 1})`;
  };
  const lines = [...matrix.rows.keys()].map(
    (row) => `| ${row} | ${matrix.columns.map((column) => cellText(row, column)).join(' | ')} |`,
  );
  return [
    `## ${matrix.title}`,
    '',
    matrix.about,
    '',
    `| ${matrix.rowName} | ${matrix.columns.join(' | ')} |`,
    `| --- |${' --- |'.repeat(matrix.columns.length)}`,
    ...lines,
    '',
    ...notes.map((note, index) => `${index + 1}. ${note}`),
    ...(notes.length > 0 ? [''] : []),
  ].join('\n');
}

/**
 * Puts a table into docs/COMPATIBILITY.md in place of the one with its title when `isUpdated`; else says whether it is there as it should
 * be. The page is written by the tests and by nobody else.
 */
export function publishMatrix(matrix: Matrix, isUpdated: boolean): { readonly isFresh: boolean } {
  const text = readFileSync(page, 'utf8');
  const start = text.indexOf(`## ${matrix.title}\n`);
  if (start === -1) throw new Error(`docs/COMPATIBILITY.md has no section "${matrix.title}"`);
  const next = text.indexOf('\n## ', start);
  const end = next === -1 ? text.length : next + 1;
  const rendered = renderMatrix(matrix);
  const isFresh = text.slice(start, end).trimEnd() === rendered.trimEnd();
  if (isUpdated && !isFresh) {
    writeFileSync(page, `${text.slice(0, start)}${rendered.trimEnd()}\n${next === -1 ? '' : '\n'}${text.slice(end)}`);
  }
  return { isFresh: isFresh || isUpdated };
}

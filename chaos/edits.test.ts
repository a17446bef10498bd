import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rootDir } from '../scripts/run/root-dir.ts';
import { failpoints } from './failpoints.ts';
import { replaceOnce, type SourceEdit } from './hooks/source-edit.ts';
import { mutants } from './mutant-list.ts';

function applyAll(edits: readonly SourceEdit[]): void {
  const texts = new Map<string, string>();
  for (const edit of edits) {
    const text = texts.get(edit.file) ?? readFileSync(join(rootDir, edit.file), 'utf8');
    texts.set(edit.file, replaceOnce(text, edit, edit.file));
  }
}

test.each(failpoints.map(({ name, edits }) => ({ name, edits })))(
  'failpoint $name is about the code as it is',
  ({ edits }) => {
    expect(() => applyAll(edits)).not.toThrow();
  },
);

test.each(mutants.flatMap(({ name, source }) => (source === undefined ? [] : [{ name, source }])))(
  'mutant $name is about the code as it is',
  ({ source }) => {
    expect(() => applyAll(source)).not.toThrow();
  },
);

test('an edit that fits nowhere or twice is refused', () => {
  expect(() => replaceOnce('abc', { find: 'x', replace: 'y' }, 'here')).toThrow(/0 places/);
  expect(() => replaceOnce('aba', { find: 'a', replace: 'y' }, 'here')).toThrow(/2 places/);
  expect(replaceOnce('abc', { find: 'b', replace: 'y' }, 'here')).toBe('ayc');
});

test('names are used once, and every mutant of a failpoint matrix has its letter', () => {
  const names = [...failpoints, ...mutants].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name } of failpoints) expect(name).toMatch(/^C\d{1,2}[b-d]?$/);
});

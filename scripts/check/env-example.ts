import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files that read the environment; what they read must be documented. */
const readers = [
  '{apps,packages}/*/src/**/env.ts',
  'apps/dashboard/{,src/}env.ts',
  'scripts/start/environment.ts',
  'scripts/start/ports.ts',
];

/** Set by the machine or by our own scripts for their children, never by a person. */
const internal = new Set(['PATH', 'HOME', 'CI', 'NO_COLOR', 'NEXT_RUNTIME', 'NEXT_PHASE']);

/** Compares the variables that env.ts files name with those that .env.example explains, both ways. */
export function checkEnvExample(rootDir: string): { isOk: boolean; output: string } {
  const files = globSync(readers, { cwd: rootDir }).map((path) => readFileSync(join(rootDir, path), 'utf8'));
  const read = new Set(files.flatMap(variablesOf).filter((name) => !internal.has(name)));
  const documented = new Set(documentedVariables(readFileSync(join(rootDir, '.env.example'), 'utf8')));
  const problems = [
    ...[...read].filter((name) => !documented.has(name)).map((name) => `${name} is read, but not in .env.example`),
    ...[...documented]
      .filter((name) => !read.has(name))
      .map((name) => `${name} is in .env.example, but nothing reads it`),
  ];
  return { isOk: problems.length === 0, output: problems.sort().join('\n') };
}

/** Names in capitals with at least one underscore, or PORT-like ones, outside comments. */
export function variablesOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
  return [...code.matchAll(/(?<![\w$])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w$])/g)].map(([name]) => name);
}

/** `NAME=` and `# NAME=` lines; the latter document a variable whose default is right for most. */
export function documentedVariables(text: string): string[] {
  return [...text.matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name);
}

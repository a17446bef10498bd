import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listCallableProviders } from '../budget/provider-ids.ts';
import { listSources } from '../budget/sources.ts';

/** The files that read the environment; what they read must be documented. */
const readers = [
  '{apps,packages}/*/src/**/env.ts',
  'scripts/start/{environment,ports}.ts',
  'scripts/{start,e2e/browser}.ts',
  '*.config.ts',
  'prisma/seed/main.ts',
];

/** Passed from our own scripts to their children; no person sets them. */
const internal =
  /^(BOURSE_E2E_|BOURSE_DEMO_|NEXT_|TURBO_|LD_)|^(BOURSE_STATE_DIR|FONTCONFIG_PATH|AWS_LAMBDA_JS_RUNTIME)$/;

/** Compares the variables that are read with those that .env.example explains, both ways. */
export function checkEnvExample(rootDir: string): { isOk: boolean; output: string } {
  const texts = globSync(readers, { cwd: rootDir }).map((path) => readFileSync(join(rootDir, path), 'utf8'));
  const own = new Set(texts.flatMap(variablesOf).filter((name) => !internal.test(name)));
  const { keys, optional } = providerVariables(rootDir);
  const documented = new Set(documentedVariables(readFileSync(join(rootDir, '.env.example'), 'utf8')));
  const missing = [...own.union(keys).difference(documented)].map((name) => `${name} is read, but not in .env.example`);
  const needless = [...documented.difference(own).difference(keys).difference(optional)];
  const problems = [...missing, ...needless.map((name) => `${name} is in .env.example, but nothing reads it`)];
  return { isOk: problems.length === 0, output: problems.sort().join('\n') };
}

/**
 * What each provider is configured by: its name in capitals, and a key unless its file reads other things, or wants none. The sandbox's
 * providers are found through the sandbox's address.
 */
function providerVariables(rootDir: string): { readonly keys: Set<string>; readonly optional: Set<string> } {
  const keys = new Set<string>();
  const optional = new Set<string>();
  for (const source of listSources(rootDir)) {
    const suffixes = suffixesRead(source.text);
    for (const id of listCallableProviders([source])) {
      if (id.startsWith('sandbox-')) continue;
      const prefix = id.toUpperCase().replaceAll('-', '_');
      const read = source.text.includes('isKeyOptional: true') ? optional : keys;
      for (const suffix of suffixes) read.add(`${prefix}_${suffix}`);
      optional.add(`${prefix}_BASE_URL`);
    }
  }
  return { keys, optional };
}

/** A file that makes its own credential names what it reads; any other has one key. */
function suffixesRead(text: string): readonly string[] {
  if (!text.includes('credentialFrom')) return ['API_KEY'];
  return [...text.matchAll(/\bread(?:Key)?\('([A-Z_]+)'\)/g)].map(([, suffix = '']) => suffix);
}

/** Names in capitals with at least one underscore, outside comments. */
export function variablesOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');
  return [...code.matchAll(/(?<![\w$])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w$])/g)].map(([name]) => name);
}

/** `NAME=` and `# NAME=` lines; the latter show a default that is right for most. */
export function documentedVariables(text: string): string[] {
  return [...text.matchAll(/^(?:# ?)?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name);
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkEnvExample, documentedVariables, variablesOf } from './env-example.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bourse-env-example-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function check(env: string, example: string) {
  const path = join(folder, 'apps/gateway/src/env.ts');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, env);
  writeFileSync(join(folder, '.env.example'), example);
  return checkEnvExample(folder);
}

test('names in comments are not read, names in code and strings are', () => {
  const source = "/** like OLD_NAME */\nconst a = { DATABASE_URL: 1 }; // or OTHER_NAME\nprocess.env['SMTP_URL'];";
  expect(variablesOf(source)).toEqual(['DATABASE_URL', 'SMTP_URL']);
});

test('a commented line documents a variable, prose does not', () => {
  expect(documentedVariables('# Set THIS_ONE.\nDATABASE_URL=\n# SMTP_URL=smtp://x\n')).toEqual([
    'DATABASE_URL',
    'SMTP_URL',
  ]);
});

test('complete both ways is green', () => {
  expect(check('z.object({ DATABASE_URL: z.string() })', 'DATABASE_URL=\n').isOk).toBe(true);
});

test('an undocumented variable is red', () => {
  expect(check('z.object({ DATABASE_URL: z.string() })', '').output).toBe(
    'DATABASE_URL is read, but not in .env.example',
  );
});

test('a documented variable that nothing reads is red', () => {
  expect(check('', 'GONE_AWAY=1').output).toBe('GONE_AWAY is in .env.example, but nothing reads it');
});

test('a provider is documented by what its file reads: one key, its own variables, or none that it needs', () => {
  const path = join(folder, 'packages/providers/src/acme.ts');
  mkdirSync(dirname(path), { recursive: true });
  const variables = (text: string) => {
    writeFileSync(path, text);
    return check('', '').output;
  };
  expect(variables("defineProvider({ id: 'acme-ai' })")).toBe('ACME_AI_API_KEY is read, but not in .env.example');
  expect(variables("defineProvider({ id: 'acme', isKeyOptional: true })")).toBe('');
  const own =
    "const credentialFrom = ({ readKey }) => readKey('REGION'); defineProvider({ id: 'acme', credentialFrom })";
  expect(variables(own)).toBe('ACME_REGION is read, but not in .env.example');
  expect(check('', 'ACME_REGION=\n# ACME_BASE_URL=x').isOk).toBe(true);
  expect(check('', 'ACME_REGION=\nACME_API_KEY=').output).toBe('ACME_API_KEY is in .env.example, but nothing reads it');
});

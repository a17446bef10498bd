import { describe, expect, test } from 'vitest';
import { measureFile } from './measure.ts';
import { findViolations } from './rules.ts';

const providerIds = new Set(['some-provider']);

function judge(...sources: [path: string, text: string][]): string[] {
  const files = sources.map(([path, text]) => measureFile({ path, text }));
  return findViolations(files, { providerIds }).map(({ line, message }) => `${line}: ${message}`);
}

const statements = (count: number) => 'f();\n'.repeat(count);

describe('a seeded violation is red', () => {
  test.each([
    ['a function of 71 lines', `function long() {\n${statements(69)}}`, '1: long: 71 lines'],
    ['a file of 401 lines', statements(401), '1: 401 lines'],
    ['four parameters', 'const add = (a: N, b: N, c: N, d: N) => a;', '1: add: 4 parameters'],
    [
      'four branches inside one another',
      'function f() { if (a) { for (;;) { try { while (b) {} } finally {} } } }',
      '1: f: nested 4 deep',
    ],
    ['any in a type', 'let a: any;', '1: any'],
    ['any in a generic argument', 'let a: Map<string, any>;', '1: any'],
    ['a non-null assertion', 'a!.b;', '1: non-null assertion'],
    ['a cast without a reason', 'f();\nlet a = b as string;', '2: a cast without a comment'],
    ['an old-style cast', 'let a = <string>b;', '1: a cast without a comment'],
    ['process.env in a domain file', "process.env['A'];", '1: process.env outside env.ts'],
    ['the clock by new Date()', 'new Date();', '1: reads the clock'],
    ['the clock by Date.now', 'const now = Date.now;', '1: reads the clock'],
    ['chance by Math.random', 'Math.random();', '1: draws randomness'],
    ['chance by randomUUID', 'crypto.randomUUID();', '1: draws randomness'],
    ['a provider id', "if (id === 'some-provider') {}", "1: the provider id 'some-provider'"],
    ['a provider id in a type', "type Id = 'some-provider';", "1: the provider id 'some-provider'"],
  ])('%s', (_name, text, expected) => {
    expect(judge(['packages/billing/src/x.ts', text])).toEqual([expect.stringContaining(expected)]);
  });

  test('more than a quarter of client components', () => {
    const server = ['a', 'b'].map((name): [string, string] => [`apps/dashboard/src/${name}.tsx`, 'export {};']);
    const violations = judge(...server, ['apps/dashboard/src/c.tsx', "'use client';"]);
    expect(violations).toEqual([expect.stringContaining('1 of 3 components are client components')]);
  });

  test("'use client' on a page", () => {
    const server = ['a', 'b', 'c'].map((name): [string, string] => [`apps/dashboard/src/${name}.tsx`, 'export {};']);
    const violations = judge(...server, ['apps/dashboard/src/app/page.tsx', "'use client';"]);
    expect(violations).toEqual([expect.stringContaining('on a page or layout')]);
  });
});

describe('what the budgets allow is green', () => {
  test.each([
    ['a function of 70 lines', 'packages/wire/src/x.ts', `function long() {\n${statements(68)}}`],
    ['a chain of else if, however long', 'packages/wire/src/x.ts', `function f() { ${'if (a) {} else '.repeat(9)}{} }`],
    [
      'nested functions, each with its own depth',
      'packages/wire/src/x.ts',
      'const f = () => { if (a) { for (;;) { if (b) g(() => { if (c) {} }); } } };',
    ],
    ['as const', 'packages/wire/src/x.ts', 'const a = [1] as const;'],
    ['a cast that says why', 'packages/wire/src/x.ts', '// The schema has just checked it.\nconst a = b as string;'],
    ['a date from a value', 'packages/wire/src/x.ts', 'new Date(now());'],
    ['process.env in env.ts', 'apps/gateway/src/env.ts', "process.env['A'];"],
    ['the clock in main.ts', 'apps/gateway/src/main.ts', 'start({ now: Date.now });'],
    ['a provider id among the providers', 'packages/providers/src/x.ts', "const id = 'some-provider';"],
    ['a module that is named like a provider', 'packages/wire/src/x.ts', "import A from 'some-provider';"],
    ['a long test with a cast', 'packages/wire/src/x.test.ts', `it(() => {\n${statements(99)}a as string; a!.b; });`],
  ])('%s', (_name, path, text) => {
    expect(judge([path, text])).toEqual([]);
  });
});

test('a file that does not parse is named', () => {
  expect(() => measureFile({ path: 'apps/x.ts', text: 'const = ;' })).toThrow('apps/x.ts does not parse');
});

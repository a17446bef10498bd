import type { Program } from 'oxc-parser';
import { type FunctionMeasure, measureFunctions } from './functions.ts';
import { findOccurrences, type Occurrence } from './occurrences.ts';
import type { Source } from './sources.ts';
import { parseSource } from './syntax.ts';

/** All that the budget knows of one file. */
export type FileMeasure = {
  readonly path: string;
  readonly lines: number;
  readonly functions: readonly FunctionMeasure[];
  readonly occurrences: readonly Occurrence[];
  /** The file starts with 'use client': it and what it imports is sent to browsers. */
  readonly isClient: boolean;
};

/** Parses and measures one file. Throws when it does not parse. */
export function measureFile({ path, text }: Source): FileMeasure {
  const syntax = parseSource(path, text);
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    functions: measureFunctions(syntax),
    occurrences: findOccurrences({ ...syntax, text }),
    isClient: isClientModule(syntax.program),
  };
}

function isClientModule(program: Program): boolean {
  return program.body.some((each) => 'directive' in each && each.directive === 'use client');
}

/** One exact replacement in one source file. `file` is relative to the root of the repository; `find` must occur in it exactly once. */
export interface SourceEdit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** One exact replacement in the text of one SQL function, as PostgreSQL prints it. */
export interface SqlEdit {
  readonly function: string;
  readonly find: string;
  readonly replace: string;
}

/** The text with the edit made. Throws when what is to be replaced is not there exactly once: then the edit is about code of another day. */
export function replaceOnce(
  text: string,
  { find, replace }: Pick<SourceEdit, 'find' | 'replace'>,
  where: string,
): string {
  const pieces = text.split(find);
  if (pieces.length !== 2)
    throw new Error(`chaos: ${where} has ${pieces.length - 1} places like this, not 1:\n${find}`);
  return pieces.join(replace);
}

/** An edit that puts a statement before a line of the source. */
export function before(file: string, find: string, statement: string): SourceEdit {
  return { file, find, replace: `${statement}\n${find}` };
}

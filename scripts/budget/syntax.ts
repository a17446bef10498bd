import { type Comment, type Node, type Program, parseSync, visitorKeys } from 'oxc-parser';

/** A parsed file: its tree, its comments, and the way from an offset to a line (1-based). */
export type Syntax = {
  readonly program: Program;
  readonly comments: readonly Comment[];
  lineAt(offset: number): number;
};

/** Parses TypeScript or TSX. Throws with the file name when the text is not valid. */
export function parseSource(path: string, text: string): Syntax {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error) throw new Error(`${path} does not parse: ${error.message}`);
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return { program, comments, lineAt: (offset) => lineOf(starts, offset) };
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Visits every node, parents first. `ancestors` lists them from the outside in. */
export function walk(root: Node, visit: (node: Node, ancestors: readonly Node[]) => void): void {
  const ancestors: Node[] = [];
  const enter = (node: Node): void => {
    visit(node, ancestors);
    ancestors.push(node);
    for (const child of childrenOf(node)) enter(child);
    ancestors.pop();
  };
  enter(root);
}

/** The direct children of a node, in the order of the source. */
export function childrenOf(node: Node): Node[] {
  const keys = visitorKeys[node.type] ?? [];
  return keys.flatMap((key) => [Reflect.get(node, key)].flat()).filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}

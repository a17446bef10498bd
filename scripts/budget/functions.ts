import type { ArrowFunctionExpression, Function as FunctionSyntax, Node } from 'oxc-parser';
import { childrenOf, type Syntax, walk } from './syntax.ts';

/** What is counted of one function. `lines` includes nested functions; `nesting` does not. */
export type FunctionMeasure = {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  readonly params: number;
  readonly nesting: number;
};

type FunctionNode = FunctionSyntax | ArrowFunctionExpression;

const branches = new Set([
  ...['IfStatement', 'ForStatement', 'ForInStatement', 'ForOfStatement'],
  ...['WhileStatement', 'DoWhileStatement', 'SwitchStatement', 'TryStatement'],
]);

/** Measures every function with a body in a file. */
export function measureFunctions({ program, lineAt }: Pick<Syntax, 'program' | 'lineAt'>): FunctionMeasure[] {
  const found: FunctionMeasure[] = [];
  walk(program, (node, ancestors) => {
    if (!isFunction(node) || !node.body) return;
    const line = lineAt(node.start);
    found.push({
      name: nameOf(node, ancestors.at(-1) ?? program),
      line,
      lines: lineAt(node.end - 1) - line + 1,
      params: node.params.length,
      nesting: nestingOf(node.body),
    });
  });
  return found;
}

function isFunction(node: Node): node is FunctionNode {
  return (
    node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  );
}

function nameOf(node: FunctionNode, parent: Node): string {
  if (node.id) return node.id.name;
  if (parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier') return parent.id.name;
  const isMember = parent.type === 'Property' || parent.type === 'MethodDefinition';
  if (isMember && parent.key.type === 'Identifier') return parent.key.name;
  return '(anonymous)';
}

/** The deepest stack of branches and loops. An `else if` is one branch beside its `if`, not one inside it. */
function nestingOf(node: Node): number {
  const inner = childrenOf(node)
    .filter((child) => !isFunction(child))
    .map((child) => nestingOf(child) - (isElseIf(node, child) ? 1 : 0));
  return Math.max(0, ...inner) + (branches.has(node.type) ? 1 : 0);
}

function isElseIf(node: Node, child: Node): boolean {
  return node.type === 'IfStatement' && node.alternate === child && child.type === 'IfStatement';
}

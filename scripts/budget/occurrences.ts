import type { Node } from 'oxc-parser';
import { type Syntax, walk } from './syntax.ts';

/** Something that is forbidden or counted, where it stands, and its text. */
export type Occurrence = { readonly kind: OccurrenceKind; readonly line: number; readonly text: string };

export type OccurrenceKind = 'any' | 'non-null' | 'cast' | 'unexplained-cast' | 'env' | 'clock' | 'chance' | 'literal';

type Scan = Syntax & { readonly text: string };

/** Finds types and expressions that the budget limits. `literal` lists every string, for the caller to filter. */
export function findOccurrences(scan: Scan): Occurrence[] {
  const found: Occurrence[] = [];
  const explained = linesWithReason(scan);
  walk(scan.program, (node, ancestors) => {
    const line = scan.lineAt(node.start);
    const kind = kindOf(node, ancestors.at(-1));
    if (kind) found.push({ kind, line, text: textOf(node, scan.text) });
    if (kind === 'cast' && !explained.has(scan.lineAt(node.end - 1)) && !explained.has(line)) {
      found.push({ kind: 'unexplained-cast', line, text: textOf(node, scan.text) });
    }
  });
  return found;
}

/** A comment explains its own lines and the three below, so that one above a short statement counts. */
function linesWithReason({ comments, lineAt }: Scan): Set<number> {
  const lines = new Set<number>();
  for (const comment of comments) {
    for (let line = lineAt(comment.start); line <= lineAt(comment.end) + 3; line++) lines.add(line);
  }
  return lines;
}

function kindOf(node: Node, parent: Node | undefined): OccurrenceKind | null {
  if (node.type === 'TSAnyKeyword') return 'any';
  if (node.type === 'TSNonNullExpression') return 'non-null';
  if (node.type === 'TSTypeAssertion') return 'cast';
  if (node.type === 'TSAsExpression') return isConst(node.typeAnnotation) ? null : 'cast';
  if (node.type === 'MemberExpression') return kindOfMember(node);
  if (node.type === 'NewExpression') return isNamed(node.callee, 'Date') && !node.arguments.length ? 'clock' : null;
  if (node.type === 'Literal' && typeof node.value === 'string') return isModuleName(parent) ? null : 'literal';
  return null;
}

function isConst(type: Node): boolean {
  return type.type === 'TSTypeReference' && isNamed(type.typeName, 'const');
}

function isNamed(node: Node, name: string): boolean {
  return node.type === 'Identifier' && node.name === name;
}

type Member = Extract<Node, { type: 'MemberExpression' }>;

function kindOfMember({ object, property }: Member): OccurrenceKind | null {
  if (isNamed(object, 'process') && isNamed(property, 'env')) return 'env';
  if (isNamed(object, 'Date') && isNamed(property, 'now')) return 'clock';
  if (isNamed(object, 'Math') && isNamed(property, 'random')) return 'chance';
  return isNamed(property, 'randomUUID') ? 'chance' : null;
}

function isModuleName(parent: Node | undefined): boolean {
  return (
    parent?.type === 'ImportDeclaration' ||
    parent?.type === 'ExportNamedDeclaration' ||
    parent?.type === 'ExportAllDeclaration' ||
    parent?.type === 'ImportExpression'
  );
}

function textOf(node: Node, text: string): string {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  return text.slice(node.start, node.end).replaceAll(/\s+/g, ' ').slice(0, 80);
}

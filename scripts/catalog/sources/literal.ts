import { type Node, parseSync } from 'oxc-parser';

/** What a literal in a program may be, with nothing to run: JSON, and numbers like `.5` and `1e3`. */
type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

function keyOf(node: Node): string {
  if (node.type === 'Identifier') return node.name;
  if (node.type === 'Literal') return String(node.value);
  throw new Error(`a name that is ${node.type}`);
}

function plainOf(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  throw new Error('a literal that is no plain value');
}

function signed(operator: string, value: Value): Value {
  if (operator === '-' && typeof value === 'number') return -value;
  // How minifiers write true and false.
  if (operator === '!' && typeof value === 'number') return value === 0;
  throw new Error(`a calculation (${operator})`);
}

function membersOf(properties: readonly Node[]): Value {
  const entries = properties.map((property) => {
    if (property.type !== 'Property' || property.computed) throw new Error(`a member that is ${property.type}`);
    return [keyOf(property.key), literalOf(property.value)] as const;
  });
  return Object.fromEntries(entries);
}

function literalOf(node: Node | null): Value {
  if (node?.type === 'Literal') return plainOf(node.value);
  if (node?.type === 'UnaryExpression') return signed(node.operator, literalOf(node.argument));
  if (node?.type === 'ArrayExpression') return node.elements.map(literalOf);
  if (node?.type === 'ObjectExpression') return membersOf(node.properties);
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? '';
  throw new Error(`a ${node?.type ?? 'hole'} among data`);
}

/**
 * The first list of objects in a program's top-level declarations that `isIt` recognizes by the text of its beginning: data are read out of a bundle without
 * running it. Throws an Error where the program cannot be parsed, there is no such list, or something in it is more than a value.
 */
export function literalList(program: string, isIt: (beginning: string) => boolean): readonly Value[] {
  const { program: tree, errors } = parseSync('bundle.mjs', program);
  if (errors.length > 0) throw new Error(`the bundle is not JavaScript: ${errors[0]?.message}`);
  for (const statement of tree.body) {
    const declarations = statement.type === 'VariableDeclaration' ? statement.declarations : [];
    for (const { init } of declarations) {
      if (init?.type !== 'ArrayExpression') continue;
      if (isIt(program.slice(init.start, Math.min(init.end, init.start + 2_000))))
        return literalOf(init) as readonly Value[]; // of an array comes one
    }
  }
  throw new Error('the bundle has no such list');
}

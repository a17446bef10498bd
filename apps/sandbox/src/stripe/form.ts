/** A form as Stripe nests it: `a[b][0]=c` is `{ a: { b: ['c'] } }`. Every leaf is a string. */
export type FormValue = string | FormValue[] | { [key: string]: FormValue };

type Branch = Map<string, string | Branch>;

const DEPTH_MAX = 12;

function segmentsOf(name: string): string[] {
  const [, head = name, tail = ''] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? [];
  return [head, ...[...tail.matchAll(/\[([^[\]]*)\]/g)].map(([, inner = '']) => inner)].slice(0, DEPTH_MAX);
}

function insert(root: Branch, segments: readonly string[], value: string): void {
  let branch = root;
  for (const [depth, segment] of segments.entries()) {
    // `expand[]=x` appends: the next free number is its place.
    const key = segment === '' ? String(branch.size) : segment;
    if (depth === segments.length - 1) {
      branch.set(key, value);
      return;
    }
    const next = branch.get(key);
    const child: Branch = next instanceof Map ? next : new Map();
    branch.set(key, child);
    branch = child;
  }
}

function toValue(node: string | Branch): FormValue {
  if (typeof node === 'string') return node;
  const entries = [...node].map(([key, child]) => [key, toValue(child)] as const);
  if (entries.length === 0 || entries.some(([key]) => !/^\d+$/.test(key))) return Object.fromEntries(entries);
  return entries.sort(([left], [right]) => Number(left) - Number(right)).map(([, child]) => child);
}

/** Reads `application/x-www-form-urlencoded` text, of a body or a query, with Stripe's brackets. */
export function parseForm(text: string): { [key: string]: FormValue } {
  const root: Branch = new Map();
  for (const [name, value] of new URLSearchParams(text)) insert(root, segmentsOf(name), value);
  return Object.fromEntries([...root].map(([key, child]) => [key, toValue(child)]));
}

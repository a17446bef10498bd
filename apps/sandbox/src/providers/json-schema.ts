import { integerBetween, pick, type Random } from './random.ts';
import { phrase } from './text.ts';

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Schema = Readonly<Record<string, unknown>>;
type Scope = { readonly random: Random; readonly root: Schema; readonly depth: number; readonly name: string };

/** Below this depth only what the schema insists on is generated, so that recursive schemas end. */
const DEPTH_MAX = 6;

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const toRecord = (value: unknown): Schema => (isRecord(value) ? value : {});
const toList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const toNumber = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const isJson = (value: unknown): value is Json => value !== undefined;

const STRINGS_BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-03-14T09:26:53Z',
  date: '2026-03-14',
  time: '09:26:53Z',
  duration: 'PT15M',
  email: 'ada@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.17',
  ipv6: '2001:db8::17',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b',
};

// Property names that people use in examples all the time get values that look right in a demo.
const STRINGS_BY_NAME: readonly (readonly [RegExp, readonly [string, ...string[]]])[] = [
  [/city|location|place/i, ['Paris', 'Lisbon', 'Nairobi', 'Kyoto', 'Montreal']],
  [/country/i, ['France', 'Portugal', 'Kenya', 'Japan', 'Canada']],
  [/email/i, ['ada@example.com']],
  [/url|link|href/i, ['https://example.com/']],
  [/date/i, ['2026-03-14']],
  [/name|author|person/i, ['Ada Lovelace', 'Grace Hopper', 'Alan Turing']],
];

/** Looks up `#/a/b` in the root; an unknown or foreign reference allows anything. */
function resolveReference(root: Schema, reference: string): Schema {
  if (reference === '#') return root;
  const keys = reference.replace(/^#\//, '').split('/');
  const found = keys.reduce<unknown>(
    (at, key) => toRecord(at)[key.replaceAll('~1', '/').replaceAll('~0', '~')],
    reference.startsWith('#/') ? root : {},
  );
  return toRecord(found);
}

/** Joins the branches of `allOf` into one schema: properties and requirements add up, other keywords are overwritten. */
function mergeAll(schema: Schema, root: Schema, hops: number): Schema {
  const branches = [schema, ...toList(schema['allOf']).map((branch) => expand(toRecord(branch), root, hops + 1))];
  return {
    ...Object.assign({}, ...branches),
    allOf: null,
    properties: Object.assign({}, ...branches.map((branch) => branch['properties'])),
    required: branches.flatMap((branch) => toList(branch['required'])),
  };
}

/** Follows references and joins intersections. `hops` ends the ones that go in circles. */
function expand(schema: Schema, root: Schema, hops = 0): Schema {
  if (hops > DEPTH_MAX) return {};
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const { $ref: _followed, ...siblings } = schema;
    return expand({ ...resolveReference(root, reference), ...siblings }, root, hops + 1);
  }
  return Array.isArray(schema['allOf']) ? mergeAll(schema, root, hops) : schema;
}

function typeOf(schema: Schema): string {
  const type = schema['type'];
  if (typeof type === 'string') return type;
  const named = toList(type).find((name) => name !== 'null') ?? toList(type)[0];
  if (typeof named === 'string') return named;
  if (schema['properties'] !== undefined || schema['required'] !== undefined) return 'object';
  return schema['items'] === undefined ? 'string' : 'array';
}

function stringValue(schema: Schema, { random, name }: Scope): string {
  const format = schema['format'];
  const byFormat = typeof format === 'string' ? STRINGS_BY_FORMAT[format] : undefined;
  const byName = STRINGS_BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
  let text = byFormat ?? (byName === undefined ? phrase(random) : pick(random, byName));
  const min = toNumber(schema['minLength']) ?? 0;
  while (text.length < min) text += ` ${phrase(random)}`;
  const max = toNumber(schema['maxLength']);
  return max === undefined ? text : text.slice(0, max);
}

function numberValue(schema: Schema, random: Random, isInteger: boolean): number {
  const step = toNumber(schema['multipleOf']) ?? (isInteger ? 1 : 0.5);
  const exclusiveMin = toNumber(schema['exclusiveMinimum']);
  const exclusiveMax = toNumber(schema['exclusiveMaximum']);
  const min = toNumber(schema['minimum']) ?? exclusiveMin;
  const max = toNumber(schema['maximum']) ?? exclusiveMax;
  const low = min ?? (max === undefined ? 1 : max - 100 * step);
  const high = max ?? low + 100 * step;
  let first = Math.ceil(low / step);
  let last = Math.floor(high / step);
  if (exclusiveMin !== undefined && first * step <= exclusiveMin) first += 1;
  if (exclusiveMax !== undefined && last * step >= exclusiveMax) last -= 1;
  // No multiple of the step lies between the bounds: the middle is inside them, which is what most schemas mean.
  if (last < first) return (low + high) / 2;
  return Number((integerBetween(random, first, last) * step).toPrecision(12));
}

function arrayValue(schema: Schema, scope: Scope): Json[] {
  const min = toNumber(schema['minItems']) ?? 0;
  const wanted = scope.depth >= DEPTH_MAX ? min : Math.max(min, integerBetween(scope.random, 1, 3));
  const length = Math.min(wanted, toNumber(schema['maxItems']) ?? wanted);
  const prefix = toList(schema['prefixItems']);
  return Array.from({ length }, (_, index) => valueFor(toRecord(prefix[index] ?? schema['items']), scope));
}

function objectValue(schema: Schema, scope: Scope): { [key: string]: Json } {
  const properties = toRecord(schema['properties']);
  const required = new Set(toList(schema['required']).filter((name) => typeof name === 'string'));
  const names = new Set([...Object.keys(properties), ...required]);
  const entries: [string, Json][] = [];
  for (const name of names) {
    const isWanted = required.has(name) || (scope.depth < DEPTH_MAX && scope.random() < 0.5);
    if (isWanted) entries.push([name, valueFor(toRecord(properties[name]), { ...scope, name })]);
  }
  return Object.fromEntries(entries);
}

function valueFor(given: Schema, outer: Scope): Json {
  const scope = { ...outer, depth: outer.depth + 1 };
  const { random, root, depth } = scope;
  // Nothing sensible needs this much; it ends a schema that requires itself.
  if (depth > 4 * DEPTH_MAX) return null;
  const schema = expand(given, root);
  if (isJson(schema['const'])) return schema['const'];
  const [firstChoice, ...otherChoices] = toList(schema['enum']).filter(isJson);
  if (firstChoice !== undefined) return pick(random, [firstChoice, ...otherChoices]);
  const [firstBranch, ...otherBranches] = [...toList(schema['anyOf']), ...toList(schema['oneOf'])].map(toRecord);
  if (firstBranch !== undefined) {
    const branch =
      depth >= DEPTH_MAX ? (otherBranches.at(-1) ?? firstBranch) : pick(random, [firstBranch, ...otherBranches]);
    return valueFor({ ...schema, anyOf: null, oneOf: null, ...branch }, scope);
  }
  switch (typeOf(schema)) {
    case 'object':
      return objectValue(schema, scope);
    case 'array':
      return arrayValue(schema, scope);
    case 'integer':
      return numberValue(schema, random, true);
    case 'number':
      return numberValue(schema, random, false);
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    default:
      return stringValue(schema, scope);
  }
}

/**
 * A JSON value that the schema allows. Understands types, properties, required, enum, const, local `$ref`, allOf,
 * anyOf, oneOf, item and length and number bounds, multipleOf and the common formats; ignores `pattern`, `not`,
 * `if`, `uniqueItems` and `patternProperties`. An absent or malformed schema gives a short string or an empty object.
 */
export function valueForSchema(schema: unknown, random: Random): Json {
  const root = toRecord(schema);
  return valueFor(root, { random, root, depth: 0, name: '' });
}

/** The arguments of a function call: always an object, also when the function declares no parameters. */
export function argumentsForSchema(schema: unknown, random: Random): { [key: string]: Json } {
  const root = toRecord(schema);
  return objectValue(expand(root, root), { random, root, depth: 0, name: '' });
}

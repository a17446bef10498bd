import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';

/**
 * JSON Schema in the subset of OpenAPI 3.0 that older Gemini models read (https://ai.google.dev/api/caching#Schema, read 2026-11).
 * References are put in place of what they name; what refers to itself is cut off where it would begin again, as an object of any form.
 * Literals become enums of strings, because there are no others. What the subset has no word for is left out.
 */

/** Kept as they are. */
const KEPT = [
  'title',
  'description',
  'nullable',
  'required',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'propertyOrdering',
];

/** A string of any other format is refused; numbers know their sizes. */
const FORMATS: ReadonlySet<JsonValue | undefined> = new Set(['date-time', 'enum', 'float', 'double', 'int32', 'int64']);

/** Definitions that use one another twice grow exponentially when they are put in place; nobody's schema is this large. */
const NODES_MAX = 5_000;

const ANY_OBJECT: JsonObject = { type: 'object' };

interface Walk {
  readonly root: JsonObject;
  /** The references on the way here. */
  readonly open: readonly string[];
  readonly budget: { nodes: number };
}

/** What a reference such as `#/$defs/node` names. */
function resolve(reference: string, root: JsonObject): JsonObject | null {
  if (!reference.startsWith('#')) return null;
  let at: JsonValue | undefined = root;
  for (const step of reference.slice(1).split('/').slice(1)) {
    const key = decodeURIComponentSafely(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return isJsonObject(at) ? at : null;
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign is part of the name.
    return text;
  }
}

function objectsIn(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** All parts of an `allOf` as one schema: properties and required names add up, of other members the last one counts. */
function merged(schema: JsonObject, walk: Walk): JsonObject {
  const { allOf, ...rest } = schema;
  let whole: JsonObject = {};
  for (const part of [...objectsIn(allOf), rest]) {
    const named = dereferenced(part, walk);
    const { properties, required, ...others } =
      'allOf' in named.schema ? merged(named.schema, named.walk) : named.schema;
    const { properties: knownProperties, required: knownRequired, ...known } = whole;
    const names = [...stringsIn(knownRequired), ...stringsIn(required)];
    whole = {
      ...known,
      ...others,
      ...(isJsonObject(knownProperties) || isJsonObject(properties)
        ? { properties: { ...asObject(knownProperties), ...asObject(properties) } }
        : {}),
      ...(names.length > 0 ? { required: [...new Set(names)] } : {}),
    };
  }
  return whole;
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function stringsIn(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** The schema behind a reference, with what stands beside the reference; and the way with that reference on it. */
function dereferenced(schema: JsonObject, walk: Walk): { schema: JsonObject; walk: Walk } {
  const { $ref: reference, ...beside } = schema;
  if (typeof reference !== 'string') return { schema, walk };
  const named = walk.open.includes(reference) ? null : resolve(reference, walk.root);
  if (named === null) return { schema: { ...ANY_OBJECT, ...beside }, walk };
  return dereferenced({ ...named, ...beside }, { ...walk, open: [...walk.open, reference] });
}

/** `type`, which may be a list there and may not here; null is told by `nullable`. */
function typeOf(type: JsonValue | undefined): JsonObject {
  if (typeof type === 'string') return { type };
  const types = stringsIn(type);
  const named = types.filter((name) => name !== 'null');
  const nullable = named.length < types.length ? { nullable: true } : {};
  if (named.length > 1) return { anyOf: named.map((name) => ({ type: name })), ...nullable };
  return named[0] === undefined ? nullable : { type: named[0], ...nullable };
}

function literalsOf(schema: JsonObject): JsonObject {
  const { enum: listed, const: only } = schema;
  const values = only === undefined ? listed : [only];
  if (!Array.isArray(values)) return {};
  const words = values.filter((value) => value !== null).map((v) => (typeof v === 'string' ? v : JSON.stringify(v)));
  return { type: 'string', enum: words, ...(words.length < values.length ? { nullable: true } : {}) };
}

/** Alternatives; one of them that only says "or null" is `nullable`. */
function alternativesOf(schema: JsonObject, walk: Walk): JsonObject {
  const listed = [...objectsIn(schema['anyOf']), ...objectsIn(schema['oneOf'])];
  if (listed.length === 0) return {};
  const others = listed.filter((alternative) => alternative['type'] !== 'null');
  const nullable = others.length < listed.length ? { nullable: true } : {};
  const [first] = others;
  if (others.length === 1 && first !== undefined) return { ...convert(first, walk), ...nullable };
  return { anyOf: others.map((alternative) => convert(alternative, walk)), ...nullable };
}

function propertiesOf(schema: JsonObject, walk: Walk): JsonObject {
  const { properties } = schema;
  if (!isJsonObject(properties)) return {};
  const converted = Object.entries(properties).map(([name, value]) => [name, convert(value, walk)] as const);
  return { properties: Object.fromEntries(converted) };
}

function convert(value: JsonValue | undefined, from: Walk): JsonObject {
  from.budget.nodes -= 1;
  if (!isJsonObject(value) || from.budget.nodes < 0) return ANY_OBJECT;
  const { schema: named, walk } = dereferenced(value, from);
  const schema = 'allOf' in named ? merged(named, walk) : named;
  const { format, items } = schema;
  const kept: Record<string, JsonValue | undefined> = {};
  for (const key of KEPT) if (schema[key] !== undefined) kept[key] = schema[key];
  const type = typeOf(schema['type']);
  return {
    ...type,
    ...kept,
    ...(FORMATS.has(format) ? { format } : {}),
    ...propertiesOf(schema, walk),
    ...(type['type'] === 'array' ? { items: isJsonObject(items) ? convert(items, walk) : { type: 'string' } } : {}),
    ...alternativesOf(schema, walk),
    ...literalsOf(schema),
  };
}

/** A JSON Schema in the subset. Never throws; a reference that leads nowhere is an object of any form. */
export function toOpenApi(schema: JsonObject): JsonObject {
  return convert(schema, { root: schema, open: [], budget: { nodes: NODES_MAX } });
}

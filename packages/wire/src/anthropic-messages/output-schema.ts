import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';

/**
 * JSON Schema as Anthropic's structured outputs take it (https://docs.claude.com/en/docs/build-with-claude/structured-outputs, read
 * 2026-11): objects are closed, `oneOf` is `anyOf`, and bounds that its grammar cannot hold are told in the description instead.
 */
const UNHELD = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
];

const FORMATS: ReadonlySet<JsonValue | undefined> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);

/** Members that are schemas, lists of schemas, and maps of schemas. */
const SCHEMAS: ReadonlySet<string> = new Set(['items', 'not', 'if', 'then', 'else', 'contains', 'additionalItems']);
const LISTS: ReadonlySet<string> = new Set(['anyOf', 'allOf', 'oneOf', 'prefixItems']);
const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);

function isUnheld(key: string, value: JsonValue): boolean {
  if (UNHELD.includes(key)) return true;
  if (key === 'minItems') return value !== 0 && value !== 1;
  return key === 'format' && !FORMATS.has(value);
}

function adaptMember(key: string, value: JsonValue): JsonValue {
  if (SCHEMAS.has(key) && isJsonObject(value)) return adaptSchema(value);
  if (LISTS.has(key) && Array.isArray(value)) {
    return value.map((entry: JsonValue) => (isJsonObject(entry) ? adaptSchema(entry) : entry));
  }
  if (!MAPS.has(key) || !isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, isJsonObject(entry) ? adaptSchema(entry) : entry]),
  );
}

/** The schema for Anthropic. Depth is bounded by that of the request's JSON. */
export function adaptSchema(schema: JsonObject): JsonObject {
  const adapted: Record<string, JsonValue | undefined> = {};
  const told: string[] = [];
  for (const key in schema) {
    const value = schema[key];
    if (value === undefined) continue;
    if (isUnheld(key, value)) told.push(`${key}: ${JSON.stringify(value)}`);
    else adapted[key === 'oneOf' && schema['anyOf'] === undefined ? 'anyOf' : key] = adaptMember(key, value);
  }
  if (told.length > 0) {
    const { description } = schema;
    const sentence = `{${told.join(', ')}}`;
    adapted['description'] = typeof description === 'string' ? `${description}\n\n${sentence}` : sentence;
  }
  if (schema['type'] === 'object' || isJsonObject(schema['properties'])) adapted['additionalProperties'] = false;
  return adapted;
}

import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';

/** Written as strings by Google's clients, because they are 64 bits wide. */
const COUNTS: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
]);

/** Words that JSON Schema does not have, or has with another meaning. */
const DROPPED: ReadonlySet<string> = new Set(['propertyOrdering', 'example', 'nullable', 'type', 'enum']);

function typeOf({ type, nullable }: JsonObject): JsonObject {
  if (Array.isArray(type)) return { type };
  if (typeof type !== 'string' || type === 'TYPE_UNSPECIFIED') return {};
  const name = type.toLowerCase();
  return { type: nullable === true ? [name, 'null'] : name };
}

function memberOf(key: string, value: JsonValue | undefined): JsonValue | undefined {
  if (key === 'properties' && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, fromOpenApi(schema)] as const));
  }
  if (key === 'items') return fromOpenApi(value);
  if (key === 'anyOf' && Array.isArray(value)) return value.map(fromOpenApi);
  if (COUNTS.has(key) && typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  return value;
}

/**
 * Google's form of a schema (`{"type":"OBJECT"}`, counts as strings, `nullable`) as JSON Schema, which all other dialects speak
 * (https://ai.google.dev/api/caching#Schema, read 2026-11). What is JSON Schema already stays so.
 */
export function fromOpenApi(value: JsonValue | undefined): JsonObject {
  if (!isJsonObject(value)) return {};
  const members: Record<string, JsonValue | undefined> = {};
  for (const [key, member] of Object.entries(value)) {
    const isEnumFormat = key === 'format' && member === 'enum';
    if (!DROPPED.has(key) && !isEnumFormat && key !== '__proto__') members[key] = memberOf(key, member);
  }
  const { enum: listed, nullable } = value;
  const values = Array.isArray(listed) && nullable === true ? [...listed, null] : listed;
  return { ...typeOf(value), ...members, ...(values === undefined ? {} : { enum: values }) };
}

/** A parsed JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A parsed JSON object with unknown members. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** Narrows an unknown value to a JSON object (not null, not an array). Members stay unvalidated. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

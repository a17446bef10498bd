import { isJsonObject, type JsonObject } from '@bourse/generation';

/** The text at a key, '' when there is none. */
export function textAt(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

/** The objects of a list at a key. */
export function objectsAt(object: JsonObject, key: string): JsonObject[] {
  const list = object[key];
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

/** A number at a key, 0 when there is none. */
export function indexAt(object: JsonObject, key: string): number {
  const value = object[key];
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : 0;
}

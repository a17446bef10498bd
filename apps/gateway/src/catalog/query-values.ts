import { AppError } from '@bourse/errors';

/** The value of a query parameter; absent and empty are the same. */
export type QueryText = string | undefined;

/** Limits of a number; null where there is none. */
export interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
}

const LISTED_MAX = 60;

/** Throws the 400 of a wrong value. Programs read `metadata.path` and, where values are few, `metadata.allowed`. */
export function refuseValue(path: string, message: string, allowed?: readonly string[]): never {
  throw new AppError('invalid_request', message, {
    metadata: { path, ...(allowed === undefined ? {} : { allowed: allowed.slice(0, LISTED_MAX) }) },
  });
}

/** One of some words, letters' case aside; null when absent. */
export function wordOf<Word extends string>(path: string, text: QueryText, allowed: readonly Word[]): Word | null {
  if (text === undefined || text === '') return null;
  const word = allowed.find((known) => known.toLowerCase() === text.trim().toLowerCase());
  return word ?? refuseValue(path, `${path} must be one of ${allowed.join(', ')}.`, allowed);
}

/** Words with commas between them, each one of `allowed`; empty when absent. */
export function wordsOf<Word extends string>(path: string, text: QueryText, allowed: readonly Word[]): readonly Word[] {
  if (text === undefined || text === '') return [];
  const words = text.split(',').map((part) => {
    const name = part.trim().toLowerCase();
    const word = allowed.find((known) => known.toLowerCase() === name);
    if (word !== undefined) return word;
    const told = allowed.slice(0, LISTED_MAX).join(', ');
    return refuseValue(
      path,
      `${path} does not know "${part.trim().slice(0, 80)}". It takes some of: ${told}.`,
      allowed,
    );
  });
  return [...new Set(words)];
}

/** `true` or `false`; null when absent. */
export function flagOf(path: string, text: QueryText): boolean | null {
  const word = wordOf(path, text, ['true', 'false']);
  return word === null ? null : word === 'true';
}

/** A number within bounds, whole if asked; null when absent. */
export function numberOf(
  path: string,
  text: QueryText,
  { min, max = Number.MAX_SAFE_INTEGER, isWhole = false }: { min: number; max?: number; isWhole?: boolean },
): number | null {
  if (text === undefined || text.trim() === '') return null;
  const value = Number(text);
  const isFit = Number.isFinite(value) && value >= min && value <= max && (!isWhole || Number.isInteger(value));
  if (isFit) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  return refuseValue(path, `${path} must be a ${isWhole ? 'whole ' : ''}number ${range}.`);
}

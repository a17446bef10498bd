import { AppError } from '@bourse/errors';

/** A page size within 1..max. */
export function pageSize(limit: number, max = 500): number {
  return Math.min(Math.max(Math.trunc(Number.isFinite(limit) ? limit : 50), 1), max);
}

/** An opaque cursor of two texts: the sort value of the last row and its id. */
export function encodeCursor(value: string, id: string): string {
  return Buffer.from(JSON.stringify([value, id])).toString('base64url');
}

/** The two texts of a cursor. Throws AppError('invalid_request') on one that is not ours. */
export function decodeCursor(cursor: string): readonly [value: string, id: string] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(parts) && parts.length === 2) {
      const [value, id]: unknown[] = parts;
      if (typeof value === 'string' && typeof id === 'string') return [value, id];
    }
  } catch {
    // Not JSON: refused below.
  }
  throw new AppError('invalid_request', 'The cursor is not one of ours.');
}

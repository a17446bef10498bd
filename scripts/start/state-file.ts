import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Writes JSON that only this user may read, at once: a reader sees the old file or the new one, never a half. */
export function writeStateFile(path: string, value: unknown): void {
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** The strings in a JSON object that we wrote earlier; empty when the file is missing or damaged. */
export function readStateFile(path: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    // Missing at the first start, cut off after a crash: both mean that nothing is known.
    return {};
  }
}

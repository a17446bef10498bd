import { AppError } from '@bourse/errors';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** `messages[0].content` from its parts. */
export function pathText(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}

/** Of the branches of a union the one that got furthest: the author of the body most likely meant that one. */
function deepest(issue: Issue, path: Path): { issue: Issue; path: Path } {
  if (issue.code !== 'invalid_union') return { issue, path };
  let best: { issue: Issue; path: Path } = { issue, path };
  for (const branch of issue.errors) {
    const [first] = branch;
    if (!first) continue;
    const candidate = deepest(first, [...path, ...first.path]);
    if (candidate.path.length > best.path.length) best = candidate;
  }
  return best;
}

function valueAt(body: unknown, path: Path): unknown {
  let value = body;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

function sentenceFor(issue: Issue, path: string, value: unknown): string {
  const where = path === '' ? 'The body' : path;
  if (issue.code === 'unrecognized_keys') {
    return `${where} has no field ${issue.keys.map((key) => JSON.stringify(key.slice(0, 100))).join(', ')}.`;
  }
  if (value === undefined) return `${where} is required.`;
  const message = issue.message.replace(/^Invalid input(: )?/, '') || 'has none of the accepted forms';
  return `${where}${/^(must|has) /.test(message) ? '' : ':'} ${message}.`;
}

/** "messages[0].content must be a string or a list of parts.", as an AppError that names the path. */
export function invalidRequest(issue: Issue, body: unknown): AppError {
  const found = deepest(issue, issue.path);
  const sentence = sentenceFor(found.issue, pathText(found.path), valueAt(body, found.path));
  const unknownKeys = found.issue.code === 'unrecognized_keys' ? found.issue.keys.slice(0, 1) : [];
  return new AppError('invalid_request', sentence, { metadata: { path: pathText([...found.path, ...unknownKeys]) } });
}

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

/** "messages[0].content: expected string, received number", as an AppError that names the path. */
export function invalidRequest(issue: Issue): AppError {
  const found = deepest(issue, issue.path);
  if (found.issue.code === 'unrecognized_keys') {
    const keys = found.issue.keys;
    const path = pathText([...found.path, ...keys.slice(0, 1)]);
    const where = pathText(found.path);
    const sentence = `${where} has no field ${keys.map((key) => JSON.stringify(key.slice(0, 100))).join(', ')}.`;
    return new AppError('invalid_request', sentence, { metadata: { path } });
  }
  const path = pathText(found.path);
  const isUnion = found.issue.code === 'invalid_union';
  const message = isUnion ? 'has none of the accepted forms' : found.issue.message.replace(/^Invalid input: /, '');
  return new AppError('invalid_request', `${path === '' ? 'The body' : path}: ${message}.`, { metadata: { path } });
}

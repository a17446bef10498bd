/**
 * The exact places of the members of a JSON object in its text, so that single members can be replaced while every other
 * byte stays as it came. Re-serializing a parsed body would reorder nothing, but it rewrites numbers (1.0, 1e3, 20-digit
 * integers), escapes and white space.
 */

import { parseJson } from './parse-json.ts';

const BACKSLASH = 92;
const QUOTE = 34;
const COLON = 58;
const COMMA = 44;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/** One member: `start` is the key's opening quote, `valueEnd` is exclusive. */
export interface JsonMember {
  readonly key: string;
  readonly start: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 32) at += 1;
  return at;
}

/** The index after the closing quote. Backslashes before a quote are counted: an even number of them does not escape it. */
function skipString(text: string, open: number): number {
  let quote = text.indexOf('"', open + 1);
  while (quote !== -1) {
    let before = quote - 1;
    while (text.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 1) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return text.length;
}

function skipNested(text: string, open: number): number {
  let depth = 0;
  let at = open;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = skipString(text, at);
      continue;
    }
    at += 1;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return at;
}

function skipValue(text: string, from: number): number {
  const code = text.charCodeAt(from);
  if (code === QUOTE) return skipString(text, from);
  if (code === OPEN_BRACE || code === OPEN_BRACKET) return skipNested(text, from);
  let at = from;
  while (at < text.length) {
    const end = text.charCodeAt(at);
    if (end === COMMA || end === CLOSE_BRACE || end <= 32) break;
    at += 1;
  }
  return at;
}

function keyOf(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end - 1);
  if (!raw.includes('\\')) return raw;
  const key = parseJson(text.slice(start, end));
  return typeof key === 'string' ? key : raw;
}

/**
 * The members of the top-level object, in order, repeated keys included, up to and with the first one named `until`.
 * `text` should be JSON that `JSON.parse` accepts: nothing is validated, and other text gives some members or none. Linear,
 * and without recursion, so that depth cannot exhaust the stack.
 */
export function scanMembers(text: string, until?: string): JsonMember[] {
  const members: JsonMember[] = [];
  const open = skipSpace(text, 0);
  if (text.charCodeAt(open) !== OPEN_BRACE) return members;
  let at = skipSpace(text, open + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = skipString(text, at);
    let valueStart = skipSpace(text, keyEnd);
    if (text.charCodeAt(valueStart) === COLON) valueStart = skipSpace(text, valueStart + 1);
    const key = keyOf(text, at, keyEnd);
    const valueEnd = key === until ? valueStart : skipValue(text, valueStart);
    members.push({ key, start: at, valueStart, valueEnd });
    if (key === until) break;
    at = skipSpace(text, valueEnd);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  return members;
}

/** What becomes of a member: its new JSON text, or null to remove it. */
export type MemberEdits = ReadonlyMap<string, string | null>;

/** The places of the members that an edit speaks of: of a repeated key only the last, which is the one that parsers use. */
function lastPlaces(members: readonly JsonMember[], edits: MemberEdits): Map<string, JsonMember> {
  const places = new Map<string, JsonMember>();
  for (const member of members) if (edits.has(member.key)) places.set(member.key, member);
  return places;
}

/** The members, as `"key":text`, that an edit asks for and that are nowhere to be found. */
function missingMembers(places: ReadonlyMap<string, JsonMember>, edits: MemberEdits): string {
  const missing: string[] = [];
  for (const [key, edit] of edits)
    if (edit !== null && !places.has(key)) missing.push(`${JSON.stringify(key)}:${edit}`);
  return missing.join(',');
}

/**
 * The JSON object with the edits made and every other byte as it was. A member that is missing is added before the member
 * named `before`, or at the end. Of a repeated key that is edited only the last place is kept. `text` must be valid JSON.
 */
export function spliceMembers(text: string, edits: MemberEdits, before?: string): string {
  const members = scanMembers(text);
  const places = lastPlaces(members, edits);
  let missing = missingMembers(places, edits);
  const start = members[0]?.start ?? text.indexOf('{') + 1;
  let out = text.slice(0, start);
  let end = start;
  let isEmpty = true;
  for (const member of members) {
    const { key, valueStart, valueEnd } = member;
    const edit = edits.get(key);
    if (edit === undefined || (edit !== null && places.get(key) === member)) {
      const lead = text.slice(end, member.start);
      out += isEmpty ? lead.replace(',', '') : lead;
      if (key === before && missing !== '') {
        out += `${missing},`;
        missing = '';
      }
      out += edit === undefined ? text.slice(member.start, valueEnd) : text.slice(member.start, valueStart) + edit;
      isEmpty = false;
    }
    end = valueEnd;
  }
  if (missing !== '') out += isEmpty ? missing : `,${missing}`;
  return out + text.slice(end);
}

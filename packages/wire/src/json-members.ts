/**
 * The exact places of the members of a JSON object in its text, so that single members can be replaced while every other
 * byte stays as it came. Re-serializing a parsed body would reorder nothing, but it rewrites numbers (1.0, 1e3, 20-digit
 * integers), escapes and white space.
 */

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
  const key: unknown = JSON.parse(text.slice(start, end));
  return typeof key === 'string' ? key : raw;
}

/**
 * The members of the top-level object, in order, repeated keys included. `text` must be a JSON object that `JSON.parse`
 * accepts: nothing is validated here. Linear, and without recursion, so that depth cannot exhaust the stack.
 */
export function scanMembers(text: string): JsonMember[] {
  const members: JsonMember[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = skipString(text, at);
    let valueStart = skipSpace(text, keyEnd);
    if (text.charCodeAt(valueStart) === COLON) valueStart = skipSpace(text, valueStart + 1);
    const valueEnd = skipValue(text, valueStart);
    members.push({ key: keyOf(text, at, keyEnd), start: at, valueStart, valueEnd });
    at = skipSpace(text, valueEnd);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  return members;
}

/** What becomes of a member: its new JSON text (added at the end when absent), or null to remove it. */
export type MemberEdits = ReadonlyMap<string, string | null>;

/**
 * The text with the edits made and every other byte as it was. A repeated key keeps its last place only, the one that
 * parsers use. `members` are those of `scanMembers(text)`.
 */
export function spliceMembers(text: string, members: readonly JsonMember[], edits: MemberEdits): string {
  const [first] = members;
  const lastPlace = new Map<string, JsonMember>();
  for (const member of members) if (edits.has(member.key)) lastPlace.set(member.key, member);
  let out = text.slice(0, first ? first.start : text.indexOf('{') + 1);
  let end = first ? first.start : out.length;
  let isEmpty = true;
  for (const member of members) {
    const edit = edits.get(member.key);
    const isDropped = edit === null || (edit !== undefined && lastPlace.get(member.key) !== member);
    if (!isDropped) {
      const lead = text.slice(end, member.start);
      out += isEmpty ? lead.replace(',', '') : lead;
      out +=
        edit === undefined ? text.slice(member.start, member.valueEnd) : text.slice(member.start, member.valueStart);
      if (edit !== undefined) out += edit;
      isEmpty = false;
    }
    end = member.valueEnd;
  }
  for (const [key, edit] of edits) {
    if (edit === null || lastPlace.has(key)) continue;
    out += `${isEmpty ? '' : ','}${JSON.stringify(key)}:${edit}`;
    isEmpty = false;
  }
  return out + text.slice(end);
}

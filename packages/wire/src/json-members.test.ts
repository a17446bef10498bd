import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MemberEdits, scanMembers, spliceMembers } from './json-members.ts';

const edits = (entries: Record<string, string | null>): MemberEdits => new Map(Object.entries(entries));

/** JSON text with white space sprinkled between its tokens, as pretty-printing servers send it. */
function spaced(value: unknown, space: string): string {
  return JSON.stringify(value, null, space === '' ? undefined : space);
}

// No key has a backslash: JSON.parse of Node 24.21 reads the key "\u0000" as "\\" after an object that had the key "\\" in the
// same place (its cache of expected keys compares the raw text), so the platform cannot be the oracle for those.
const keys = fc
  .oneof(
    fc.constantFrom('id', 'model', 'provider', 'usage', 'choices', 'x', '', '"', 'a"b', 'ü', '\u2028'),
    fc.array(fc.integer({ min: 0, max: 0xd7ff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
  )
  .filter((key) => !key.includes('\\'));
const nested = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('\\\\'));
const tricky = fc.string({ unit: fc.constantFrom('\\', '"', '{', '}', '[', ']', ',', ':', 'a') });
const objects = fc.dictionary(keys, fc.oneof(nested, tricky), { maxKeys: 8 });
const spaces = fc.constantFrom('', ' ', '\n\t');

describe('scanMembers', () => {
  test('finds every member of any object, whatever it contains', () => {
    fc.assert(
      fc.property(objects, spaces, (object, space) => {
        const text = spaced(object, space);
        const members = scanMembers(text);
        expect(members.map(({ key }) => key)).toEqual(Object.keys(JSON.parse(text)));
        for (const { key, start, valueStart, valueEnd } of members) {
          expect(JSON.parse(`{${text.slice(start, valueEnd)}}`)).toEqual({
            [key]: JSON.parse(text.slice(valueStart, valueEnd)),
          });
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is not deceived by quotes, backslashes and brackets in strings', () => {
    const text = '{"a":"}\\\\","b":"\\"]","c":["{\\"usage\\":1}"],"d\\u0022":null}';
    expect(scanMembers(text).map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd"']);
  });

  test('stops at the member that is asked for', () => {
    expect(scanMembers('{"a":1,"b":[1],"c":2}', 'b').map(({ key }) => key)).toEqual(['a', 'b']);
  });

  test('reads a key that is written with escapes', () => {
    expect(scanMembers('{"\\u0069d":1}').map(({ key }) => key)).toEqual(['id']);
  });

  test.each([
    '',
    '[]',
    '"a"',
    '{',
    '{"',
    '{"a',
    '{"a"',
    '{"a":',
    '{"a":"',
    '{"a":{',
    '{"a":[[',
    '{"\\x":1',
    'null',
    '{1:2}',
  ])('ends without an exception for %j', (text) => {
    expect(scanMembers(text).length).toBeLessThanOrEqual(1);
  });

  test('ends for arbitrary text', () => {
    const hostile = fc.array(fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', ' ', '\n'), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(hostile, (parts) => Array.isArray(scanMembers(`{"a":${parts.join('')}`))),
      { numRuns: 1000 },
    );
  });

  test('does not recurse: a hundred thousand brackets are no problem', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"b":1}`;
    expect(scanMembers(deep).map(({ key }) => key)).toEqual(['a', 'b']);
  });
});

describe('spliceMembers', () => {
  test('replaces in place and leaves every other byte', () => {
    const text = '{ "id" : "x",\n  "n" : 1.0, "big":12345678901234567890, "e":"\\u00e9" , "usage": {"a":[1,2]} }';
    expect(spliceMembers(text, edits({ id: '"gen"', usage: null }))).toBe(
      '{ "id" : "gen",\n  "n" : 1.0, "big":12345678901234567890, "e":"\\u00e9" }',
    );
  });

  test.each([
    ['{"a":1}', '{}'],
    ['{"a":1,"b":2}', '{"b":2}'],
    ['{"b":2,"a":1}', '{"b":2}'],
    ['{"b":2,"a":1,"c":3}', '{"b":2,"c":3}'],
    ['{"a":1,"a":2,"b":2}', '{"b":2}'],
  ])('removes a member with its comma: %s', (text, expected) => {
    expect(spliceMembers(text, edits({ a: null }))).toBe(expected);
  });

  test('adds what is missing at the end, or before a member', () => {
    expect(spliceMembers('{}', edits({ id: '1' }))).toBe('{"id":1}');
    expect(spliceMembers('{"a":1}', edits({ id: '1', x: '2' }))).toBe('{"a":1,"id":1,"x":2}');
    expect(spliceMembers('{"a":1,"choices":[]}', edits({ id: '1' }), 'choices')).toBe('{"a":1,"id":1,"choices":[]}');
    expect(spliceMembers('{"choices":[]}', edits({ id: '1' }), 'choices')).toBe('{"id":1,"choices":[]}');
    expect(spliceMembers('{"usage":1}', edits({ usage: null, id: '1' }))).toBe('{"id":1}');
  });

  test('keeps one of a repeated key', () => {
    expect(spliceMembers('{"id":1,"a":2,"id":3}', edits({ id: '"gen"' }))).toBe('{"a":2,"id":"gen"}');
  });

  test('does to the text what assigning and deleting do to the object, for any object', () => {
    fc.assert(
      fc.property(objects, spaces, fc.boolean(), (object, space, isAnchored) => {
        const changes = { id: '"gen-1"', model: '"m"', provider: '"P"', usage: null };
        const text = spaced(object, space);
        const { usage: _dropped, ...expected } = { ...JSON.parse(text), id: 'gen-1', model: 'm', provider: 'P' };
        const spliced = spliceMembers(text, edits(changes), isAnchored ? 'choices' : undefined);
        expect(JSON.parse(spliced)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});

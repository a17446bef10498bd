import { isJsonObject, type JsonObject } from '@bourse/generation';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromOpenApi } from './from-openapi.ts';
import { toOpenApi } from './to-openapi.ts';

/** The words of a schema, and not the names of its properties. */
function keysOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(keysOf);
  if (!isJsonObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    key,
    ...(key === 'properties' && isJsonObject(value) ? Object.values(value).flatMap(keysOf) : keysOf(value)),
  ]);
}

describe('toOpenApi', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['a literal is an enum of one', { const: 'a' }, { type: 'string', enum: ['a'] }],
    ['numbers of an enum are words', { type: 'integer', enum: [1, 2] }, { type: 'string', enum: ['1', '2'] }],
    ['null in an enum is nullable', { enum: ['a', null] }, { type: 'string', enum: ['a'], nullable: true }],
    ['a type or null is nullable', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
    [
      'several types are alternatives',
      { type: ['string', 'integer'] },
      { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    ],
    [
      'oneOf is anyOf',
      { oneOf: [{ type: 'string' }, { type: 'number' }] },
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
    ],
    [
      'a null alternative is nullable',
      { anyOf: [{ type: 'string' }, { type: 'null' }] },
      { type: 'string', nullable: true },
    ],
    ['a list says of what', { type: 'array' }, { type: 'array', items: { type: 'string' } }],
    ['unknown formats go', { type: 'string', format: 'email' }, { type: 'string' }],
    ['dates stay', { type: 'string', format: 'date-time' }, { type: 'string', format: 'date-time' }],
    [
      'words without a meaning there go',
      { $schema: 's', type: 'object', additionalProperties: false, default: {}, properties: { a: { type: 'string' } } },
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
    [
      'allOf is merged',
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: { type: 'number' } }, required: ['b'] },
        ],
      },
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } }, required: ['a', 'b'] },
    ],
    [
      'references are put in place',
      { type: 'object', properties: { a: { $ref: '#/$defs/x', description: 'd' } }, $defs: { x: { type: 'string' } } },
      { type: 'object', properties: { a: { type: 'string', description: 'd' } } },
    ],
    ['a reference that leads nowhere is any object', { $ref: '#/$defs/%' }, { type: 'object' }],
  ])('%s', (_name, schema, expected) => {
    expect(toOpenApi(schema)).toEqual(expected);
  });

  test('what refers to itself is cut off where it would begin again', () => {
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' }, value: { type: 'string' } } };
    expect(toOpenApi({ $ref: '#/$defs/node', $defs: { node } })).toEqual({
      type: 'object',
      properties: { next: { type: 'object' }, value: { type: 'string' } },
    });
  });

  test('definitions that double at every step do not explode', () => {
    const defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, step) => {
        const next = { $ref: `#/$defs/d${step + 1}` };
        return [`d${step}`, { type: 'object', properties: { a: next, b: next } }];
      }),
    );
    const written = JSON.stringify(toOpenApi({ $ref: '#/$defs/d0', $defs: defs }));
    expect(written.length).toBeLessThan(2_000_000);
  });

  test('never throws, and never leaves a reference', () => {
    const words = fc.constantFrom(
      'type',
      '$ref',
      'anyOf',
      'allOf',
      'oneOf',
      'properties',
      'items',
      'enum',
      'const',
      '$defs',
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>('string', 'object', '#', '#/$defs/a', null, 5, true),
        fc.dictionary(words, tie('node'), { maxKeys: 4 }),
        fc.array(tie('node'), { maxLength: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(value, (schema) => {
        fc.pre(isJsonObject(schema));
        const keys = keysOf(toOpenApi(schema));
        expect(keys).not.toContain('$ref');
      }),
    );
  });
});

describe('fromOpenApi', () => {
  test.each<[string, JsonObject, JsonObject]>([
    [
      'names of types are lower case and counts are numbers',
      { type: 'ARRAY', minItems: '1', items: { type: 'STRING', format: 'enum', enum: ['a'] } },
      { type: 'array', minItems: 1, items: { type: 'string', enum: ['a'] } },
    ],
    [
      'nullable is a type',
      { type: 'OBJECT', propertyOrdering: ['a'], properties: { a: { type: 'INTEGER', nullable: true } } },
      { type: 'object', properties: { a: { type: ['integer', 'null'] } } },
    ],
    [
      'an enum may be null with it',
      { type: 'STRING', enum: ['a'], nullable: true },
      { type: ['string', 'null'], enum: ['a', null] },
    ],
    [
      'alternatives',
      { anyOf: [{ type: 'STRING' }, { type: 'NUMBER' }] },
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
    ],
  ])('%s', (_name, schema, expected) => {
    expect(fromOpenApi(schema)).toEqual(expected);
  });

  test('JSON Schema stays as it is', () => {
    const schema = { type: ['string', 'null'], additionalProperties: false, minLength: 1 };
    expect(fromOpenApi(schema)).toEqual(schema);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { argumentsForSchema, valueForSchema } from './json-schema.ts';
import { seededRandom } from './random.ts';

const tree: z.ZodType = z.lazy(() => z.object({ name: z.string(), children: z.array(tree) }));

const schemas = {
  'a flat object': z.object({ a: z.string(), b: z.int(), c: z.boolean(), d: z.null(), e: z.number() }),
  'optional properties': z.object({ a: z.string().optional(), b: z.int().optional(), c: z.string() }),
  'nested arrays': z.object({
    rows: z
      .array(z.array(z.object({ x: z.number() })))
      .min(2)
      .max(4),
  }),
  enums: z.object({
    color: z.enum(['red', 'green']),
    kind: z.literal('x'),
    mixed: z.union([z.literal(1), z.literal('a')]),
  }),
  'bounded numbers': z.object({
    a: z.int().min(-3).max(-1),
    b: z.number().gt(0).lt(1),
    c: z.number().multipleOf(0.25).min(1),
  }),
  'bounded strings': z.object({ long: z.string().min(40), short: z.string().max(3), empty: z.string().max(0) }),
  formats: z.object({ at: z.iso.datetime(), on: z.iso.date(), mail: z.email(), id: z.uuid(), link: z.url() }),
  unions: z.union([
    z.object({ ok: z.literal(true), value: z.string() }),
    z.object({ ok: z.literal(false), code: z.int() }),
  ]),
  tuples: z.tuple([z.string(), z.int()]),
  nullable: z.object({ maybe: z.string().nullable() }),
  recursion: tree,
  intersections: z.intersection(z.object({ a: z.string() }), z.object({ b: z.int() })),
};

describe('a value for a schema', () => {
  test.each(Object.entries(schemas))('is valid for %s, whatever the seed', (_, schema) => {
    const jsonSchema = z.toJSONSchema(schema);
    fc.assert(
      fc.property(fc.string(), (seed) => {
        const parsed = schema.safeParse(valueForSchema(jsonSchema, seededRandom(seed)));
        expect(parsed.error?.issues ?? []).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('is the same for the same seed', () => {
    const jsonSchema = z.toJSONSchema(schemas['nested arrays']);

    expect(valueForSchema(jsonSchema, seededRandom('s'))).toEqual(valueForSchema(jsonSchema, seededRandom('s')));
  });

  test.each([undefined, null, 7, 'text', [], { $ref: '#/nowhere' }, { $ref: 'https://elsewhere' }, { type: 'bogus' }])(
    'exists also for the odd schema %j',
    (schema) => expect(valueForSchema(schema, seededRandom('s'))).toEqual(expect.any(String)),
  );

  test('ends for a schema that requires itself', () => {
    const schema = { type: 'object', required: ['self'], properties: { self: { $ref: '#' } } };

    expect(JSON.stringify(valueForSchema(schema, seededRandom('s'))).length).toBeLessThan(1_000);
  });

  test('ends for references and intersections that go in circles', () => {
    const circle = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } };
    const knot = { allOf: [{ $ref: '#' }] };

    expect(() => JSON.stringify(valueForSchema(circle, seededRandom('s')))).not.toThrow();
    expect(() => JSON.stringify(valueForSchema(knot, seededRandom('s')))).not.toThrow();
  });
});

test('arguments are an object even for a function without parameters', () => {
  expect(argumentsForSchema(undefined, seededRandom('s'))).toEqual({});
  expect(argumentsForSchema({ type: 'string' }, seededRandom('s'))).toEqual({});
});

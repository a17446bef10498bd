import { z } from 'zod';

const TYPES = ['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'];
const STRING_FORMATS = ['enum', 'date-time'];

/** Whole numbers of 64 bits may come as text. */
const count = z.union([z.int().min(0), z.string().regex(/^\d{1,18}$/)]).nullish();

const members = {
  type: z
    .string()
    .refine((type) => TYPES.includes(type.toUpperCase()), 'is no Type')
    .nullish(),
  format: z.string().nullish(),
  title: z.string().nullish(),
  description: z.string().nullish(),
  nullable: z.boolean().nullish(),
  enum: z.array(z.string()).nullish(),
  required: z.array(z.string()).nullish(),
  propertyOrdering: z.array(z.string()).nullish(),
  minItems: count,
  maxItems: count,
  minProperties: count,
  maxProperties: count,
  minLength: count,
  maxLength: count,
  pattern: z.string().nullish(),
  minimum: z.number().nullish(),
  maximum: z.number().nullish(),
  default: z.unknown().optional(),
  example: z.unknown().optional(),
};
const flat = z.strictObject(members);

/** A schema of the subset of OpenAPI 3.0 that Gemini reads. */
export interface OpenApiSchema extends z.infer<typeof flat> {
  readonly properties?: Readonly<Record<string, OpenApiSchema>> | null | undefined;
  readonly items?: OpenApiSchema | null | undefined;
  readonly anyOf?: readonly OpenApiSchema[] | null | undefined;
}

type Complaint = { readonly path: readonly PropertyKey[]; readonly message: string };

function complaintsOf(schema: OpenApiSchema): Complaint[] {
  const type = schema.type?.toUpperCase();
  const names = Object.keys(schema.properties ?? {});
  const complaints: Complaint[] = [];
  const say = (path: readonly PropertyKey[], message: string) => complaints.push({ path, message });
  if (type === 'OBJECT' && schema.properties != null && names.length === 0) {
    say(['properties'], 'should be non-empty for OBJECT type');
  }
  if (type === 'ARRAY' && schema.items == null) say(['items'], 'missing field.');
  if (schema.enum != null && type !== 'STRING') say(['enum'], 'only allowed for STRING type');
  if (type === 'STRING' && schema.format != null && !STRING_FORMATS.includes(schema.format)) {
    say(['format'], "only 'enum' and 'date-time' are supported for STRING type");
  }
  for (const [index, name] of (schema.required ?? []).entries()) {
    if (!names.includes(name)) say(['required', index], 'property is not defined');
  }
  return complaints;
}

/**
 * The subset as Google checks it (https://ai.google.dev/api/caching#Schema, read 2026-11): words of JSON Schema that it lacks, such as
 * `additionalProperties`, are unknown fields, and refused.
 */
export const openApiSchema: z.ZodType<OpenApiSchema> = z.lazy(() =>
  z
    .strictObject({
      ...members,
      properties: z.record(z.string(), openApiSchema).nullish(),
      items: openApiSchema.nullish(),
      anyOf: z.array(openApiSchema).nullish(),
    })
    .superRefine((schema, context) => {
      for (const { path, message } of complaintsOf(schema)) {
        context.addIssue({ code: 'custom', path: [...path], message });
      }
    }),
);

/** The same in JSON Schema's words. */
export function toJsonSchema({ type, properties, items, anyOf, ...rest }: OpenApiSchema): object {
  const converted = Object.entries(properties ?? {}).map(([name, schema]) => [name, toJsonSchema(schema)] as const);
  return {
    ...rest,
    ...(type == null ? {} : { type: type.toLowerCase() }),
    ...(properties == null ? {} : { properties: Object.fromEntries(converted) }),
    ...(items == null ? {} : { items: toJsonSchema(items) }),
    ...(anyOf == null ? {} : { anyOf: anyOf.map(toJsonSchema) }),
  };
}

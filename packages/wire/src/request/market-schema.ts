import { z } from 'zod';

/**
 * What every dialect's request shares: the fields that speak to the marketplace and not to the model. Known fields are typed and bounded,
 * and null means absent. Only `provider` is strict: a misspelled preference would silently route a request to where its author forbade it.
 */

/** A field that may be absent or null. */
export const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish();
/** Any text. */
export const text = z.string();
/** A number between two bounds, both included. */
export const range = (min: number, max: number) => z.number().min(min).max(max);
/** A whole number between two bounds, both included. */
export const integer = (min: number, max: number) => z.int().min(min).max(max);

/** Output caps above this are a mistake: no model writes a tenth of it. */
export const OUTPUT_TOKENS_MAX = 10_000_000;

/** How much a model should think, in OpenRouter's words. */
export const effort = z.enum(['max', 'xhigh', 'high', 'medium', 'low', 'minimal', 'none']);

const names = z.array(text.min(1).max(200)).max(100);
const amount = z.union(
  [text.regex(/^\d{1,12}(\.\d{1,12})?$/, 'must be a decimal number'), range(0, 1_000_000)],
  'must be a decimal number',
);
/** Dollars to the nanodollar: more decimals than that cannot be kept, so they are not promised. */
const COST = 'must be more than 0 and less than 1000000 dollars, with at most 9 decimals';
const cost = z.union(
  [
    text.regex(/^(?=.*[1-9])(0|[1-9]\d{0,5})(\.\d{1,9})?$/, COST),
    z
      .number()
      .positive()
      .lt(1_000_000)
      .refine((usd) => Number(usd.toFixed(9)) === usd, COST),
  ],
  COST,
);
const sortKey = z.enum(['price', 'throughput', 'latency', 'exacto']);
const percentiles = z.strictObject({
  p50: optional(z.number().nonnegative()),
  p75: optional(z.number().nonnegative()),
  p90: optional(z.number().nonnegative()),
  p99: optional(z.number().nonnegative()),
});

const BOUND = 'must be a number, or an object of p50, p75, p90, p99';

/** OpenRouter's `provider` object. Strict. */
const providerPreferencesSchema = z.strictObject({
  order: optional(names),
  only: optional(names),
  ignore: optional(names),
  allow_fallbacks: optional(z.boolean()),
  require_parameters: optional(z.boolean()),
  data_collection: optional(z.enum(['allow', 'deny'])),
  zdr: optional(z.boolean()),
  enforce_distillable_text: optional(z.boolean()),
  quantizations: optional(
    z.array(
      z.enum(['int4', 'int8', 'fp4', 'mxfp4', 'nvfp4', 'fp6', 'fp8', 'mxfp8', 'fp16', 'bf16', 'fp32', 'unknown']),
    ),
  ),
  sort: optional(
    z.union(
      [sortKey, z.strictObject({ by: optional(sortKey), partition: optional(z.enum(['model', 'none'])) })],
      'must be price, throughput, latency or exacto',
    ),
  ),
  max_price: optional(
    z.strictObject({
      prompt: optional(amount),
      completion: optional(amount),
      request: optional(amount),
      image: optional(amount),
      audio: optional(amount),
    }),
  ),
  preferred_min_throughput: optional(z.union([z.number().nonnegative(), percentiles], BOUND)),
  preferred_max_latency: optional(z.union([z.number().nonnegative(), percentiles], BOUND)),
  /** Ours: where the prompt may be read. */
  regions: optional(
    z.array(text.regex(/^(?:[A-Za-z]{2})$/, 'must be "eu" or a country as two letters, such as "us"')).max(50),
  ),
});

/** What a model may be called. */
export const MODEL_NAME = /^[A-Za-z0-9._:/@~-]{1,200}$/;
const modelName = text.regex(MODEL_NAME, 'must be a model name such as "author/model"');

/** A plugin's options are its own business. */
const plugin = z.looseObject({ id: text.min(1).max(64), enabled: optional(z.boolean()) });

/** The shape of the fields, to be spread into the schema of a dialect. */
export const marketFields = {
  model: optional(modelName),
  models: optional(z.array(modelName).max(10)),
  provider: optional(providerPreferencesSchema),
  /** OpenRouter's old word for `provider.sort.partition`. */
  route: optional(text.max(64)),
  plugins: optional(z.array(plugin).max(20)),
  /** OpenRouter's old word for the plugin `context-compression`. */
  transforms: optional(z.array(z.enum(['middle-out'])).max(5)),
  max_cost: optional(cost),
  session_id: optional(text.max(256)),
  user: optional(text.max(1024)),
};

const marketSchema = z.looseObject(marketFields);

/** The fields as a schema that spreads them accepts them. */
export type MarketRequest = z.output<typeof marketSchema>;
/** The `provider` object that the schema accepts. */
export type MarketPreferences = z.output<typeof providerPreferencesSchema>;

import { type Meter, meters, metersPricedEach } from '@bourse/generation';
import { type PicodollarsPerUnit, picodollarsFromUsdPerMillion, picodollarsFromUsdPerUnit } from '@bourse/money';
import { z } from 'zod';
import { modalities } from './types.ts';

/** A slug. */
export const slug = z.string().regex(/^[a-z0-9][a-z0-9.-]*$/);
/** `author/model`, and `author/model:variant` for a variant that is a model of its own. */
export const modelSlug = z.string().regex(/^[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*(:(free|extended|thinking))?$/);
const date = z.iso.date();
/** A count of tokens. */
export const tokens = z.int().positive();
/** What a model reads or writes. */
export const modality = z.enum(modalities);

/** `{ "input": "2.5", "output": "10", "web_search": "0.01" }`: exact decimal strings, as the price list prints them. */
export const priceMap = z.partialRecord(z.enum(meters), z.string()).transform((prices, context) => {
  const parsed: { readonly meter: Meter; readonly price: PicodollarsPerUnit }[] = [];
  for (const meter of meters) {
    const usd = prices[meter];
    if (usd === undefined) continue;
    try {
      const price = metersPricedEach.has(meter) ? picodollarsFromUsdPerUnit(usd) : picodollarsFromUsdPerMillion(usd);
      parsed.push({ meter, price });
    } catch (error) {
      // zod reports every wrong price with its path instead of stopping at the first.
      context.addIssue({ code: 'custom', path: [meter], message: String(error) });
    }
  }
  return parsed;
});

/** Form of `data/authors.json`. */
export const authorsFile = z.array(z.strictObject({ slug, name: z.string().min(1) }));

/** What a provider does with prompts, and where and when that was read. */
const dataPolicy = z
  .strictObject({
    trains: z.boolean().nullable(),
    retentionDays: z.int().nonnegative().nullable(),
    sourceUrl: z.url(),
    checkedOn: date,
  })
  .transform(({ trains, retentionDays }) => ({ trains, retentionDays }));
const country = z.string().regex(/^[A-Z]{2}$/);

/** Form of `data/providers.json` and of `providers` in `data/sandbox.json`. */
export const providersFile = z.array(
  z.strictObject({
    slug,
    name: z.string().min(1),
    privacyPolicyUrl: z.url().nullable(),
    termsOfServiceUrl: z.url().nullable(),
    statusPageUrl: z.url().nullable(),
    headquarters: country.nullable(),
    datacenters: z.array(country),
    /** Of its endpoints that say nothing else; absent: unknown. */
    dataPolicy: dataPolicy.optional(),
    isModerated: z.boolean().default(false),
  }),
);

/** The npm package that an entry was taken from, and the day on which that package had read it. */
const packaged = z.strictObject({ package: z.string().min(1), checkedOn: date });

const reasoning = z.strictObject({
  isMandatory: z.boolean(),
  efforts: z.array(z.string()),
  defaultEffort: z.string().nullable(),
  isDefaultOn: z.boolean(),
  hasTokenBudget: z.boolean(),
});

/** Form of `data/models.json`, of `data/extracted/models.json` and of `models` in `data/sandbox.json`. Null is unknown. */
export const modelsFile = z.array(
  z.strictObject({
    slug: modelSlug,
    /** Absent: the same as the slug. */
    canonicalSlug: modelSlug.optional(),
    name: z.string().min(1),
    description: z.string().min(20),
    releasedOn: date.nullable(),
    contextTokensMax: tokens.nullable(),
    inputModalities: z.array(modality).min(1),
    outputModalities: z.array(modality).min(1),
    tokenizer: z.string().min(1),
    knowledgeCutoff: date.nullable(),
    huggingFaceId: z.string().nullable(),
    isDistillable: z.boolean().nullable().default(null),
    expiresOn: date.nullable().default(null),
    successorSlug: modelSlug.nullable().default(null),
    defaultParameters: z.record(z.string(), z.number()).default({}),
    reasoning: reasoning.nullable().default(null),
    source: packaged.optional(),
  }),
);

/** Form of `data/extracted/facts.json`: what sources know of models whose entries in `data/models.json` say nothing about it. */
export const factsFile = z.strictObject({
  sources: z.array(packaged).min(1),
  models: z.record(
    modelSlug,
    z.strictObject({
      releasedOn: date.optional(),
      knowledgeCutoff: date.optional(),
      defaultParameters: z.record(z.string(), z.number()).optional(),
      reasoning: reasoning.optional(),
    }),
  ),
});

/** Form of `data/aliases.json`: names that mean the newest model of a family. */
export const aliasesFile = z.array(
  z.strictObject({
    alias: z.string().regex(/^~[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/),
    name: z.string().min(1),
    model: modelSlug,
  }),
);

const endpoint = z.strictObject({
  model: modelSlug,
  /** Absent: the provider's slug. */
  tag: z
    .string()
    .regex(/^[a-z0-9][a-z0-9./-]*$/)
    .optional(),
  upstreamModel: z.string().min(1),
  /** The name in the price source, where it differs from `upstreamModel`. */
  sourceModel: z.string().optional(),
  contextTokensMax: tokens,
  outputTokensMax: tokens.nullable(),
  inputTokensMax: tokens.nullable().default(null),
  serviceTier: z.enum(['default', 'flex', 'priority']).default('default'),
  /** Absent: the provider's data centers. */
  regions: z.array(country).optional(),
  dataPolicy: dataPolicy.optional(),
  isModerated: z.boolean().optional(),
  quantization: z.string().nullable(),
  /** A key of `parameterSets`. */
  parameters: z.string(),
  prices: priceMap,
  /** Prices that replace the base ones above so many input tokens. */
  tiers: z.array(z.strictObject({ aboveInputTokens: tokens, prices: priceMap })).optional(),
  isEnabled: z.boolean().optional(),
});

/** Form of `data/<provider>.json`: what one provider serves, at which price, by which source. */
export const providerFile = z.strictObject({
  provider: slug,
  source: z.strictObject({
    /** The provider's price list; for the sandbox, whose prices are ours, the path of its file. */
    url: z.string().min(1),
    /** The day by which the source had read it. */
    checkedOn: date,
    /** The npm package that the prices were taken from, and its name for the provider; absent: curated by hand. */
    package: z.string().optional(),
    providerId: z.string().optional(),
    /** The package's name for the list that the whole file was taken from; absent: which endpoints there are was decided by hand. */
    list: z.string().optional(),
  }),
  parameterSets: z.record(z.string(), z.array(z.string())),
  endpoints: z.array(endpoint).min(1),
});

/** Form of `data/sandbox.json`: a market of its own in one file. */
export const sandboxFile = z.strictObject({
  authors: authorsFile,
  providers: providersFile,
  models: modelsFile,
  offers: z.array(providerFile),
});

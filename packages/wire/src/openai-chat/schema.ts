import { z } from 'zod';

/**
 * The request of `POST /chat/completions` as OpenRouter documents it: known fields are typed and bounded, unknown fields
 * pass through, and null means absent. Only `provider` is strict: a misspelled preference would silently route a request
 * to where its author forbade it.
 */

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish();
const text = z.string();
const range = (min: number, max: number) => z.number().min(min).max(max);
const integer = (min: number, max: number) => z.int().min(min).max(max);

/** Output caps above this are a mistake: no model writes a tenth of it. */
const OUTPUT_TOKENS_MAX = 10_000_000;

const textPart = z.looseObject({ type: z.literal('text'), text });
const imagePart = z.looseObject({
  type: z.literal('image_url'),
  image_url: z.looseObject({ url: text.min(1), detail: optional(text) }),
});
const audioPart = z.looseObject({
  type: z.literal('input_audio'),
  input_audio: z.looseObject({ data: text.min(1), format: text.min(1) }),
});
const filePart = z.looseObject({
  type: z.literal('file'),
  file: z.looseObject({ filename: optional(text), file_data: optional(text), file_id: optional(text) }),
});
const refusalPart = z.looseObject({ type: z.literal('refusal'), refusal: text });

type Variants = readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]];

/** A string, or a list of these kinds of parts. */
function content<const Parts extends Variants>(parts: Parts) {
  const list = z.array(z.discriminatedUnion('type', parts));
  return z.union([text, list], 'must be a string or a list of parts');
}

const textContent = content([textPart]);
const userContent = content([textPart, imagePart, audioPart, filePart]);
const assistantContent = content([textPart, refusalPart]);
const toolContent = content([textPart, imagePart]);

const toolCall = z.looseObject({
  id: text.min(1).max(512),
  type: optional(z.literal('function')),
  function: z.looseObject({ name: text.min(1).max(128), arguments: optional(text) }),
});

/** One turn of the conversation. */
const message = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('system'), content: textContent, name: optional(text) }),
  z.looseObject({ role: z.literal('developer'), content: textContent, name: optional(text) }),
  z.looseObject({ role: z.literal('user'), content: userContent, name: optional(text) }),
  z.looseObject({
    role: z.literal('assistant'),
    content: optional(assistantContent),
    tool_calls: optional(z.array(toolCall).max(128)),
    reasoning: optional(text),
    reasoning_content: optional(text),
    refusal: optional(text),
    name: optional(text),
  }),
  z.looseObject({ role: z.literal('tool'), content: toolContent, tool_call_id: text.min(1).max(512) }),
]);

const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: text.min(1).max(64),
    description: optional(text),
    parameters: optional(z.record(z.string(), z.unknown())),
    strict: optional(z.boolean()),
  }),
});

const toolChoice = z.union(
  [
    z.enum(['none', 'auto', 'required']),
    z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: text.min(1).max(64) }) }),
  ],
  'must be "none", "auto", "required" or a function',
);

const responseFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name: text.min(1).max(64),
      schema: optional(z.record(z.string(), z.unknown())),
      description: optional(text),
      strict: optional(z.boolean()),
    }),
  }),
]);

const effort = z.enum(['max', 'xhigh', 'high', 'medium', 'low', 'minimal', 'none']);

const reasoning = z.looseObject({
  effort: optional(effort),
  max_tokens: optional(integer(1, OUTPUT_TOKENS_MAX)),
  exclude: optional(z.boolean()),
  enabled: optional(z.boolean()),
});

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
  preferred_min_throughput: optional(z.union([z.number().nonnegative(), percentiles])),
  preferred_max_latency: optional(z.union([z.number().nonnegative(), percentiles])),
});

const modelName = text.regex(/^[A-Za-z0-9._:/@~-]{1,200}$/, 'must be a model name such as "author/model"');

/** The whole request. Bounds are OpenRouter's and OpenAI's; list sizes protect us from hostile bodies. */
export const chatRequestSchema = z.looseObject({
  model: optional(modelName),
  models: optional(z.array(modelName).max(10)),
  messages: optional(z.array(message).min(1).max(1000)),
  prompt: optional(text),
  provider: optional(providerPreferencesSchema),
  stream: optional(z.boolean()),
  stream_options: optional(z.looseObject({ include_usage: optional(z.boolean()) })),
  max_tokens: optional(integer(1, OUTPUT_TOKENS_MAX)),
  max_completion_tokens: optional(integer(1, OUTPUT_TOKENS_MAX)),
  n: optional(integer(1, 8)),
  temperature: optional(range(0, 2)),
  top_p: optional(range(0, 1)),
  top_k: optional(integer(0, 1_000_000)),
  min_p: optional(range(0, 1)),
  top_a: optional(range(0, 1)),
  frequency_penalty: optional(range(-2, 2)),
  presence_penalty: optional(range(-2, 2)),
  repetition_penalty: optional(range(0, 2)),
  seed: optional(z.int()),
  stop: optional(z.union([text, z.array(text).max(4)], 'must be a string or a list of strings')),
  logit_bias: optional(z.record(z.string(), range(-100, 100))),
  logprobs: optional(z.boolean()),
  top_logprobs: optional(integer(0, 20)),
  response_format: optional(responseFormat),
  tools: optional(z.array(tool).max(128)),
  tool_choice: optional(toolChoice),
  parallel_tool_calls: optional(z.boolean()),
  reasoning: optional(reasoning),
  reasoning_effort: optional(effort),
  include_reasoning: optional(z.boolean()),
  verbosity: optional(z.enum(['low', 'medium', 'high', 'xhigh', 'max'])),
  max_cost: optional(cost),
  session_id: optional(text.max(256)),
  user: optional(text.max(1024)),
  metadata: optional(
    z.record(z.string().max(64), text.max(512)).refine((pairs) => Object.keys(pairs).length <= 16, {
      message: 'must have at most 16 pairs',
    }),
  ),
});

/** A request that the schema accepts. */
export type ChatRequest = z.output<typeof chatRequestSchema>;
/** One message that the schema accepts. */
export type ChatMessage = z.output<typeof message>;
/** One piece of a user message that the schema accepts. */
export type ChatContentPart =
  | z.output<typeof textPart>
  | z.output<typeof imagePart>
  | z.output<typeof audioPart>
  | z.output<typeof filePart>
  | z.output<typeof refusalPart>;
/** The `provider` object that the schema accepts. */
export type ChatProviderPreferences = z.output<typeof providerPreferencesSchema>;

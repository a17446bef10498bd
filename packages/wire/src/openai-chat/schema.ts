import { z } from 'zod';
import { effort, integer, marketFields, OUTPUT_TOKENS_MAX, optional, range, text } from '../request/market-schema.ts';

/**
 * The request of `POST /chat/completions` as OpenRouter documents it: known fields are typed and bounded, unknown fields pass through, and
 * null means absent.
 */

const cacheControl = z.looseObject({ type: z.literal('ephemeral'), ttl: optional(z.enum(['5m', '1h'])) });
const cacheBreakpoint = z.looseObject({ mode: optional(text) });
const cacheable = {
  cache_control: optional(cacheControl),
  prompt_cache_breakpoint: optional(cacheBreakpoint),
};

const textPart = z.looseObject({ type: z.literal('text'), text, ...cacheable });
const imagePart = z.looseObject({
  type: z.literal('image_url'),
  image_url: z.looseObject({ url: text.min(1), detail: optional(text) }),
  ...cacheable,
});
const audioPart = z.looseObject({
  type: z.literal('input_audio'),
  input_audio: z.looseObject({ data: text.min(1), format: text.min(1) }),
  ...cacheable,
});
const videoPart = z.looseObject({
  type: z.literal('video_url'),
  video_url: z.looseObject({ url: text.min(1) }),
  ...cacheable,
});
const filePart = z.looseObject({
  type: z.literal('file'),
  file: z.looseObject({ filename: optional(text), file_data: optional(text), file_id: optional(text) }),
  ...cacheable,
});
const refusalPart = z.looseObject({ type: z.literal('refusal'), refusal: text });
/** A picture that a model made, as clients replay it. */
const madeImage = z.looseObject({ image_url: z.looseObject({ url: text.min(1) }) });

const knownDetail = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('reasoning.text'), text: optional(text), signature: optional(text) }),
  z.looseObject({ type: z.literal('reasoning.summary'), summary: text }),
  z.looseObject({ type: z.literal('reasoning.encrypted'), data: text }),
]);
/** What a relayed answer has shown must be able to come back, also when its type (`reasoning.server_tool_call`) says nothing to the hub. */
const otherDetail = z.looseObject({
  type: text.regex(/^(?!reasoning\.(text|summary|encrypted)$)/, { abort: true }).transform((): 'other' => 'other'),
});
const reasoningDetail = z.union([knownDetail, otherDetail]);

type Variants = readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]];

/** A string, or a list of these kinds of parts. */
function content<const Parts extends Variants>(parts: Parts) {
  const list = z.array(z.discriminatedUnion('type', parts));
  return z.union([text, list], 'must be a string or a list of parts');
}

const textContent = content([textPart]);
const userContent = content([textPart, imagePart, audioPart, videoPart, filePart]);
const assistantContent = content([textPart, refusalPart]);
const toolContent = content([textPart, imagePart, filePart]);

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
    // A client may send every piece of a stream back as it came: tens of thousands for a long thought.
    reasoning_details: optional(z.array(reasoningDetail).max(100_000)),
    images: optional(z.array(madeImage).max(100)),
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
  cache_control: optional(cacheControl),
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

const reasoning = z.looseObject({
  effort: optional(effort),
  max_tokens: optional(integer(1, OUTPUT_TOKENS_MAX)),
  exclude: optional(z.boolean()),
  enabled: optional(z.boolean()),
  summary: optional(z.enum(['auto', 'concise', 'detailed'])),
});

/** The longest conversation, in messages. */
export const MESSAGES_MAX = 1000;

/** The whole request. Bounds are OpenRouter's and OpenAI's; list sizes protect us from hostile bodies. */
export const chatRequestSchema = z.looseObject({
  ...marketFields,
  messages: optional(z.array(message).min(1).max(MESSAGES_MAX)),
  prompt: optional(text),
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
  modalities: optional(z.array(z.enum(['text', 'image', 'audio'])).max(3)),
  audio: optional(z.looseObject({ voice: z.unknown(), format: text.min(1) })),
  cache_control: optional(cacheControl),
  prompt_cache_key: optional(text.max(1024)),
  service_tier: optional(text.max(64)),
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
  | z.output<typeof videoPart>
  | z.output<typeof filePart>
  | z.output<typeof refusalPart>;

import { z } from 'zod';
import { effort, integer, marketFields, OUTPUT_TOKENS_MAX, optional, range, text } from '../request/market-schema.ts';

/**
 * The request of `POST /responses`, after OpenAI's Responses API (https://platform.openai.com/docs/api-reference/responses/create, read
 * 2026-11) with OpenRouter's extensions. Known fields are typed and bounded, unknown fields pass through, and null means absent.
 */

const textPart = (type: 'input_text' | 'output_text' | 'text') => z.looseObject({ type: z.literal(type), text });
const imagePart = z.looseObject({
  type: z.literal('input_image'),
  image_url: optional(text),
  file_id: optional(text),
  detail: optional(text),
});
const filePart = z.looseObject({
  type: z.literal('input_file'),
  filename: optional(text),
  file_data: optional(text),
  file_url: optional(text),
  file_id: optional(text),
});
const audioPart = z.looseObject({
  type: z.literal('input_audio'),
  input_audio: z.looseObject({ data: text.min(1), format: text.min(1) }),
});
const videoPart = z.looseObject({ type: z.literal('input_video'), video_url: text.min(1) });
const refusalPart = z.looseObject({ type: z.literal('refusal'), refusal: text });

const part = z.discriminatedUnion('type', [
  textPart('input_text'),
  textPart('output_text'),
  textPart('text'),
  imagePart,
  filePart,
  audioPart,
  videoPart,
  refusalPart,
]);
const content = z.union([text, z.array(part)], 'must be a string or a list of parts');

const id = optional(text.max(512));
const callId = text.min(1).max(512);

/** A message in its easy form (`role`, `content`) or its full one. */
export const messageItem = z.looseObject({
  type: optional(z.literal('message')),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content,
  id,
});
/** A call that the model made. */
export const functionCallItem = z.looseObject({
  type: z.literal('function_call'),
  call_id: callId,
  name: text.min(1).max(128),
  arguments: optional(text),
  id,
});
/** What a function answered. */
export const functionCallOutputItem = z.looseObject({
  type: z.literal('function_call_output'),
  call_id: callId,
  output: content,
  id,
});
const reasoningText = z.looseObject({ text });
/** What the model thought. `format` is OpenRouter's mark of whose reasoning it is. */
export const reasoningItem = z.looseObject({
  type: z.literal('reasoning'),
  summary: optional(z.array(reasoningText).max(1000)),
  content: optional(z.array(reasoningText).max(1000)),
  encrypted_content: optional(text),
  format: optional(text),
  id,
});
/** A call of a tool that takes free text. */
export const customToolCallItem = z.looseObject({
  type: z.literal('custom_tool_call'),
  call_id: callId,
  name: text.min(1).max(128),
  input: text,
  id,
});
/** What such a tool answered. */
export const customToolCallOutputItem = z.looseObject({
  type: z.literal('custom_tool_call_output'),
  call_id: callId,
  output: content,
  id,
});

const functionTool = z.looseObject({
  type: z.literal('function'),
  name: text.min(1).max(64),
  description: optional(text),
  parameters: optional(z.record(z.string(), z.unknown())),
  strict: optional(z.boolean()),
});
const customTool = z.looseObject({
  type: z.literal('custom'),
  name: text.min(1).max(64),
  description: optional(text),
  format: optional(z.looseObject({ type: text, syntax: optional(text), definition: optional(text) })),
});
/** A tool. One that runs at the provider is the provider's to check. */
const tool = z.looseObject({ type: text.min(1).max(100) }).superRefine((offered, context) => {
  const { type } = offered;
  if (type !== 'function' && type !== 'custom') return;
  const parsed = (type === 'function' ? functionTool : customTool).safeParse(offered);
  for (const { path, message } of parsed.error?.issues ?? []) context.addIssue({ code: 'custom', path, message });
});

const toolChoice = z.union(
  [z.enum(['none', 'auto', 'required']), z.looseObject({ type: text.min(1).max(100), name: optional(text.max(64)) })],
  'must be "none", "auto", "required" or a tool',
);

const textFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    name: text.min(1).max(64),
    schema: optional(z.record(z.string(), z.unknown())),
    description: optional(text),
    strict: optional(z.boolean()),
  }),
]);

const reasoning = z.looseObject({
  effort: optional(effort),
  summary: optional(z.enum(['auto', 'concise', 'detailed'])),
  generate_summary: optional(z.enum(['auto', 'concise', 'detailed'])),
  max_tokens: optional(integer(1, OUTPUT_TOKENS_MAX)),
  enabled: optional(z.boolean()),
  exclude: optional(z.boolean()),
});

/** The whole request. Bounds are OpenRouter's and OpenAI's; list sizes protect us from hostile bodies. */
export const responsesRequestSchema = z.looseObject({
  ...marketFields,
  input: z.union(
    [
      text,
      z
        .array(z.looseObject({ type: optional(text.max(100)) }))
        .min(1)
        .max(5000),
    ],
    {
      error: 'must be a string or a list of items',
    },
  ),
  instructions: optional(text),
  stream: optional(z.boolean()),
  max_output_tokens: optional(integer(1, OUTPUT_TOKENS_MAX)),
  max_tool_calls: optional(integer(1, 10_000)),
  tools: optional(z.array(tool).max(128)),
  tool_choice: optional(toolChoice),
  parallel_tool_calls: optional(z.boolean()),
  reasoning: optional(reasoning),
  text: optional(
    z.looseObject({
      format: optional(textFormat),
      verbosity: optional(z.enum(['low', 'medium', 'high', 'xhigh', 'max'])),
    }),
  ),
  include: optional(z.array(text.max(100)).max(20)),
  temperature: optional(range(0, 2)),
  top_p: optional(range(0, 1)),
  top_k: optional(integer(0, 1_000_000)),
  frequency_penalty: optional(range(-2, 2)),
  presence_penalty: optional(range(-2, 2)),
  top_logprobs: optional(integer(0, 20)),
  modalities: optional(z.array(z.enum(['text', 'image'])).max(2)),
  prompt_cache_key: optional(text.max(1024)),
  service_tier: optional(text.max(64)),
  metadata: optional(
    z.record(z.string().max(64), text.max(512)).refine((pairs) => Object.keys(pairs).length <= 16, {
      message: 'must have at most 16 pairs',
    }),
  ),
  store: optional(z.boolean()),
  background: optional(z.boolean()),
  truncation: optional(text.max(64)),
});

/** A request that the schema accepts. */
export type ResponsesRequest = z.output<typeof responsesRequestSchema>;
/** One piece of a message or of a tool's answer that the schema accepts. */
export type ResponsesPart = z.output<typeof part>;
/** A string, or a list of pieces. */
export type ResponsesContent = z.output<typeof content>;

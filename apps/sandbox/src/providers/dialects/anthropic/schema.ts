import { z } from 'zod';

/**
 * The request of Anthropic's messages (https://docs.claude.com/en/api/messages, read 2026-11). Every object is strict: a member that nobody
 * knows is a mistake of the caller's.
 */

const cache_control = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).optional();
const words = z.string().refine((value) => value.trim() !== '', 'text content blocks must contain non-whitespace text');
const text = z.strictObject({ type: z.literal('text'), text: words, cache_control, citations: z.null().optional() });
const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be base64');
const url = z.strictObject({
  type: z.literal('url'),
  url: z.string().regex(/^https:\/\//, 'Only HTTPS URLs are supported'),
});
const image = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('base64'),
      media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
      data: base64,
    }),
    url,
  ]),
  cache_control,
});
const document = z.strictObject({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('base64'), media_type: z.literal('application/pdf'), data: base64 }),
    z.strictObject({ type: z.literal('text'), media_type: z.literal('text/plain'), data: z.string() }),
    url,
  ]),
  title: z.string().nullish(),
  context: z.string().nullish(),
  cache_control,
});

const id = z.string().regex(/^[a-zA-Z0-9_-]+$/, 'String should match pattern');
const name = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, 'String should match pattern');
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id,
  name,
  input: z.record(z.string(), z.unknown()),
  caller: z.strictObject({ type: z.literal('direct') }).optional(),
  cache_control,
});
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: id,
  content: z.union([z.string(), z.array(z.discriminatedUnion('type', [text, image, document]))]).optional(),
  is_error: z.boolean().optional(),
  cache_control,
});
const thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() });
const redacted = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() });

const userBlock = z.discriminatedUnion('type', [text, image, document, toolResult]);
const assistantBlock = z.discriminatedUnion('type', [text, toolUse, thinking, redacted]);

const turn = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), content: z.union([words, z.array(userBlock).min(1)]) }),
  z.strictObject({ role: z.literal('assistant'), content: z.union([z.string(), z.array(assistantBlock)]) }),
]);

const tool = z.strictObject({
  type: z.literal('custom').optional(),
  name,
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  strict: z.boolean().optional(),
  cache_control,
});
const disable_parallel_tool_use = z.boolean().optional();
const toolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), disable_parallel_tool_use }),
  z.strictObject({ type: z.literal('any'), disable_parallel_tool_use }),
  z.strictObject({ type: z.literal('tool'), name: z.string(), disable_parallel_tool_use }),
  z.strictObject({ type: z.literal('none') }),
]);
const display = z.enum(['summarized', 'omitted']).optional();

/** The whole request. */
export const messagesRequest = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z.array(turn).min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  tools: z.array(tool).optional(),
  tool_choice: toolChoice.optional(),
  thinking: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1024), display }),
      z.strictObject({ type: z.literal('adaptive'), display }),
      z.strictObject({ type: z.literal('disabled') }),
    ])
    .optional(),
  output_config: z
    .strictObject({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
      format: z.strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).optional(),
    })
    .optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: z.int().min(0).optional(),
  stop_sequences: z
    .array(z.string().refine((value) => value.trim() !== '', 'each must contain non-whitespace'))
    .optional(),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  cache_control,
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  stream: z.boolean().optional(),
});

/** A well-formed request. */
export type MessagesRequest = z.infer<typeof messagesRequest>;
/** One message of it. */
export type Turn = MessagesRequest['messages'][number];
/** One block of a message. */
export type Block = z.infer<typeof userBlock> | z.infer<typeof assistantBlock>;

import { z } from 'zod';
import { integer, marketFields, OUTPUT_TOKENS_MAX, optional, range, text } from '../request/market-schema.ts';

/**
 * The request of `POST /messages` as Anthropic and OpenRouter document it (https://docs.claude.com/en/api/messages, read 2026-11): known
 * fields are typed and bounded, unknown fields and blocks pass through, and null means absent. Files of Anthropic's Files API are refused:
 * they would be looked up in the account of whoever runs this market.
 */

const cacheControl = z.looseObject({ type: z.literal('ephemeral'), ttl: optional(z.enum(['5m', '1h'])) });
const cacheable = { cache_control: optional(cacheControl) };
const schemaObject = z.record(z.string(), z.unknown());

const textBlock = z.looseObject({ type: z.literal('text'), text, ...cacheable });
const base64Source = z.looseObject({ type: z.literal('base64'), media_type: text.min(1).max(200), data: text.min(1) });
const urlSource = z.looseObject({ type: z.literal('url'), url: text.min(1) });
const imageBlock = z.looseObject({
  type: z.literal('image'),
  source: z.discriminatedUnion('type', [base64Source, urlSource]),
  ...cacheable,
});
const documentBlock = z.looseObject({
  type: z.literal('document'),
  source: z.discriminatedUnion('type', [
    base64Source,
    urlSource,
    z.looseObject({ type: z.literal('text'), data: text }),
    z.looseObject({
      type: z.literal('content'),
      content: z.union(
        [text, z.array(z.discriminatedUnion('type', [textBlock, imageBlock]))],
        'must be a string or a list of blocks',
      ),
    }),
  ]),
  title: optional(text),
  context: optional(text),
  ...cacheable,
});
const searchResultBlock = z.looseObject({
  type: z.literal('search_result'),
  source: text,
  title: text,
  content: z.array(textBlock),
  ...cacheable,
});
const toolUseBlock = z.looseObject({
  type: z.literal('tool_use'),
  id: text.min(1).max(512),
  name: text.min(1).max(128),
  input: z.unknown(),
  ...cacheable,
});
const thinkingBlock = z.looseObject({ type: z.literal('thinking'), thinking: text, signature: optional(text) });
const redactedThinkingBlock = z.looseObject({ type: z.literal('redacted_thinking'), data: text });

const NAMED: ReadonlySet<string> = new Set([
  'text',
  'image',
  'document',
  'search_result',
  'tool_use',
  'tool_result',
  'thinking',
  'redacted_thinking',
]);

/** A block that only Anthropic's own models understand (what its servers' tools did): it goes back to them as it is. */
const otherBlock = z
  .looseObject({ type: text.min(1).refine((type) => !NAMED.has(type), 'has no place here') })
  .transform(() => ({ type: 'other' as const }));

const LIST = 'must be a string or a list of blocks';

const resultBlock = z.union([
  z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, searchResultBlock]),
  otherBlock,
]);
const toolResultBlock = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: text.min(1).max(512),
  content: optional(z.union([text, z.array(resultBlock)], LIST)),
  is_error: optional(z.boolean()),
  ...cacheable,
});

const userBlock = z.union([
  z.discriminatedUnion('type', [textBlock, imageBlock, documentBlock, searchResultBlock, toolResultBlock]),
  otherBlock,
]);
const assistantBlock = z.union([
  z.discriminatedUnion('type', [textBlock, toolUseBlock, thinkingBlock, redactedThinkingBlock]),
  otherBlock,
]);

const message = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('user'), content: z.union([text, z.array(userBlock)], LIST) }),
  z.looseObject({ role: z.literal('assistant'), content: z.union([text, z.array(assistantBlock)], LIST) }),
  z.looseObject({ role: z.literal('system'), content: z.union([text, z.array(textBlock)], LIST) }),
]);

const customTool = z.looseObject({
  type: optional(z.literal('custom')),
  name: text.min(1).max(128),
  description: optional(text),
  input_schema: schemaObject,
  strict: optional(z.boolean()),
  ...cacheable,
});
/** A tool that Anthropic defines, and mostly runs. An advisor would be billed at another model's price, which nobody here could tell. */
const providerTool = z
  .looseObject({
    type: text
      .min(1)
      .refine((type) => type !== 'custom' && !type.startsWith('advisor'), 'names a tool that is not offered'),
  })
  .transform(() => ({ type: 'provider' as const }));

const disableParallel = { disable_parallel_tool_use: optional(z.boolean()) };
const toolChoice = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('auto'), ...disableParallel }),
  z.looseObject({ type: z.literal('any'), ...disableParallel }),
  z.looseObject({ type: z.literal('none'), ...disableParallel }),
  z.looseObject({ type: z.literal('tool'), name: text.min(1).max(128), ...disableParallel }),
]);

const display = { display: optional(z.enum(['summarized', 'omitted'])) };
const thinking = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('enabled'), budget_tokens: integer(1024, OUTPUT_TOKENS_MAX), ...display }),
  z.looseObject({ type: z.literal('adaptive'), ...display }),
  z.looseObject({ type: z.literal('disabled') }),
]);

const outputConfig = z.looseObject({
  effort: optional(z.enum(['low', 'medium', 'high', 'xhigh', 'max'])),
  format: optional(z.looseObject({ type: z.literal('json_schema'), schema: schemaObject })),
});

/** The whole request. `max_tokens` may be missing, unlike at Anthropic; sizes of lists protect us from hostile bodies. */
export const messagesRequestSchema = z.looseObject({
  ...marketFields,
  fallbacks: optional(z.array(z.strictObject({ model: text.min(1).max(200) })).max(3)),
  messages: z.array(message).min(1).max(10_000),
  system: optional(z.union([text, z.array(textBlock)], LIST)),
  max_tokens: optional(integer(1, OUTPUT_TOKENS_MAX)),
  stream: optional(z.boolean()),
  temperature: optional(range(0, 2)),
  top_p: optional(range(0, 1)),
  top_k: optional(integer(0, 1_000_000)),
  stop_sequences: optional(z.array(text).max(64)),
  tools: optional(z.array(z.union([customTool, providerTool])).max(512)),
  tool_choice: optional(toolChoice),
  thinking: optional(thinking),
  output_config: optional(outputConfig),
  cache_control: optional(cacheControl),
  metadata: optional(z.looseObject({ user_id: optional(text.max(1024)) })),
  service_tier: optional(text.max(64)),
});

/** A request that the schema accepts. */
export type MessagesRequest = z.output<typeof messagesRequestSchema>;
/** One message that the schema accepts. */
export type AnthropicMessage = z.output<typeof message>;
/** A block of a user's message, or of what a tool answered, that the schema accepts. */
export type UserBlock = z.output<typeof userBlock>;
/** A block of an assistant's message that the schema accepts. */
export type AssistantBlock = z.output<typeof assistantBlock>;
/** A block of what a tool answered that the schema accepts. */
export type ResultBlock = z.output<typeof resultBlock>;

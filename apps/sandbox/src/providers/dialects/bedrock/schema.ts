import { z } from 'zod';

/**
 * The request of Converse (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, read 2026-11), as a Claude
 * behind it takes it. Every object is strict: a member that nobody knows is a mistake of the caller's.
 */

const base64 = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be base64');
const source = z.strictObject({ bytes: base64 });
const text = z.strictObject({ text: z.string().refine((value) => value.trim() !== '', 'is blank') });
const cachePoint = z.strictObject({
  cachePoint: z.strictObject({ type: z.literal('default'), ttl: z.enum(['5m', '1h']).optional() }),
});
const image = z.strictObject({
  image: z.strictObject({ format: z.enum(['png', 'jpeg', 'gif', 'webp']), source }),
});
const document = z.strictObject({
  document: z.strictObject({
    format: z.enum(['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']),
    name: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[A-Za-z0-9()[\]-]+( [A-Za-z0-9()[\]-]+)*$/, 'has letters that are not allowed'),
    source,
  }),
});
const video = z.strictObject({
  video: z.strictObject({
    format: z.enum(['mkv', 'mov', 'mp4', 'webm', 'flv', 'mpeg', 'mpg', 'wmv', 'three_gp']),
    source,
  }),
});

const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'has letters that are not allowed');
const toolUseId = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'has letters that are not allowed');
const json = z.record(z.string(), z.unknown());

const toolUse = z.strictObject({ toolUse: z.strictObject({ toolUseId, name: toolName, input: json }) });
const toolResult = z.strictObject({
  toolResult: z.strictObject({
    toolUseId,
    content: z.array(z.union([text, image, document, video, z.strictObject({ json })])).min(1),
    status: z.enum(['success', 'error']).optional(),
  }),
});
const reasoningContent = z.strictObject({
  reasoningContent: z.union([
    z.strictObject({ reasoningText: z.strictObject({ text: z.string(), signature: z.string().min(1) }) }),
    z.strictObject({ redactedContent: base64 }),
  ]),
});

const turn = z.discriminatedUnion('role', [
  z.strictObject({
    role: z.literal('user'),
    content: z.array(z.union([text, image, document, video, toolResult, cachePoint])).min(1),
  }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.array(z.union([text, toolUse, reasoningContent, cachePoint])).min(1),
  }),
]);

const empty = z.strictObject({});
const toolConfig = z.strictObject({
  tools: z
    .array(
      z.union([
        cachePoint,
        z.strictObject({
          toolSpec: z.strictObject({
            name: toolName,
            description: z.string().min(1).optional(),
            inputSchema: z.strictObject({ json: z.looseObject({ type: z.literal('object') }) }),
            strict: z.boolean().optional(),
          }),
        }),
      ]),
    )
    .min(1),
  toolChoice: z
    .union([
      z.strictObject({ auto: empty }),
      z.strictObject({ any: empty }),
      z.strictObject({ tool: z.strictObject({ name: toolName }) }),
    ])
    .optional(),
});

const thinking = z.union([
  z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1024) }),
  z.strictObject({ type: z.literal('adaptive'), display: z.enum(['summarized', 'omitted']).optional() }),
  z.strictObject({ type: z.literal('disabled') }),
]);

/** A body of `POST /model/<id>/converse` or `/converse-stream`. */
export const converseRequest = z.strictObject({
  system: z.array(z.union([text, cachePoint])).optional(),
  messages: z.array(turn).min(1),
  inferenceConfig: z
    .strictObject({
      maxTokens: z.int().min(1).optional(),
      temperature: z.number().min(0).max(1).optional(),
      topP: z.number().min(0).max(1).optional(),
      stopSequences: z.array(z.string().refine((value) => value.trim() !== '', 'is blank')).optional(),
    })
    .optional(),
  toolConfig: toolConfig.optional(),
  additionalModelRequestFields: z
    .strictObject({
      top_k: z.int().min(0).optional(),
      thinking: thinking.optional(),
      output_config: z.strictObject({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']) }).optional(),
      tool_choice: z
        .strictObject({
          type: z.enum(['auto', 'any', 'tool']),
          name: toolName.optional(),
          disable_parallel_tool_use: z.boolean().optional(),
        })
        .optional(),
    })
    .optional(),
  outputConfig: z
    .strictObject({
      textFormat: z.strictObject({
        type: z.literal('json_schema'),
        structure: z.strictObject({
          jsonSchema: z.strictObject({
            schema: z.string(),
            name: z.string().optional(),
            description: z.string().optional(),
          }),
        }),
      }),
    })
    .optional(),
});

/** A body that has the right form. */
export type ConverseRequest = z.infer<typeof converseRequest>;
/** One turn of it. */
export type ConverseTurn = ConverseRequest['messages'][number];
/** One block of a turn. */
export type ConverseBlock = ConverseTurn['content'][number];

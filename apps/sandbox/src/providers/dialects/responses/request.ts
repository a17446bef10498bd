import { z } from 'zod';
import { ProviderError } from '../../errors.ts';

/** `POST /responses` as OpenAI documents it. Everything is strict: a field that it does not know is refused. */

const inputText = z.strictObject({ type: z.literal('input_text'), text: z.string() });
const inputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: z.string().optional(),
  file_id: z.string().optional(),
  detail: z.enum(['low', 'high', 'auto', 'original']).optional(),
});
const inputFile = z.strictObject({
  type: z.literal('input_file'),
  filename: z.string().optional(),
  file_data: z.string().optional(),
  file_url: z.string().optional(),
  file_id: z.string().optional(),
});
const outputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: z.array(z.unknown()).optional(),
  logprobs: z.array(z.unknown()).optional(),
});
const refusal = z.strictObject({ type: z.literal('refusal'), refusal: z.string() });
const asked = z.union([z.string(), z.array(z.discriminatedUnion('type', [inputText, inputImage, inputFile]))]);
const said = z.union([z.string(), z.array(z.discriminatedUnion('type', [outputText, refusal]))]);

const status = z.enum(['in_progress', 'completed', 'incomplete']).optional();
const id = z.string().optional();

const messageItem = z.discriminatedUnion('role', [
  z.strictObject({ type: z.literal('message').optional(), role: z.literal('user'), content: asked, id, status }),
  z.strictObject({ type: z.literal('message').optional(), role: z.literal('system'), content: asked, id, status }),
  z.strictObject({ type: z.literal('message').optional(), role: z.literal('developer'), content: asked, id, status }),
  z.strictObject({ type: z.literal('message').optional(), role: z.literal('assistant'), content: said, id, status }),
]);
const otherItem = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('reasoning'),
    id: z.string(),
    summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
    content: z.array(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() })).optional(),
    encrypted_content: z.string().nullish(),
    status,
  }),
  z.strictObject({
    type: z.literal('function_call'),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
    id,
    status,
  }),
  z.strictObject({ type: z.literal('function_call_output'), call_id: z.string(), output: asked, id, status }),
  z.strictObject({
    type: z.literal('custom_tool_call'),
    call_id: z.string(),
    name: z.string(),
    input: z.string(),
    id,
    status,
  }),
  z.strictObject({ type: z.literal('custom_tool_call_output'), call_id: z.string(), output: asked, id }),
  z.strictObject({ type: z.literal('item_reference'), id: z.string() }),
]);
const item = z.union([otherItem, messageItem]);

const functionTool = z.strictObject({
  type: z.literal('function'),
  name: z.string().min(1).max(64),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});
const customTool = z.strictObject({
  type: z.literal('custom'),
  name: z.string().min(1).max(64),
  description: z.string().optional(),
  format: z.looseObject({ type: z.enum(['text', 'grammar']) }).optional(),
});

const request = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).nullish(),
  max_output_tokens: z.int().min(16).nullish(),
  max_tool_calls: z.int().min(1).nullish(),
  tools: z
    .array(z.discriminatedUnion('type', [functionTool, customTool]))
    .max(128)
    .nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.strictObject({ type: z.enum(['function', 'custom']), name: z.string() }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning: z
    .strictObject({
      effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).nullish(),
      summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  text: z
    .strictObject({
      format: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.literal('text') }),
          z.strictObject({ type: z.literal('json_object') }),
          z.strictObject({
            type: z.literal('json_schema'),
            name: z.string(),
            schema: z.record(z.string(), z.unknown()),
            description: z.string().optional(),
            strict: z.boolean().nullish(),
          }),
        ])
        .optional(),
      verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    })
    .nullish(),
  include: z
    .array(
      z.enum([
        'reasoning.encrypted_content',
        'message.output_text.logprobs',
        'message.input_image.image_url',
        'file_search_call.results',
        'web_search_call.action.sources',
      ]),
    )
    .nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  store: z.boolean().nullish(),
  background: z.literal(false).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  previous_response_id: z.string().nullish(),
  service_tier: z.string().nullish(),
  prompt_cache_key: z.string().nullish(),
  safety_identifier: z.string().nullish(),
  user: z.string().nullish(),
});

/** A checked body. */
export type ResponsesRequest = z.infer<typeof request>;
/** One item of its input. */
export type ResponsesItem = z.infer<typeof item>;

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

/** The issue that says most: within a union, that of the branch that got furthest. */
function deepest(
  issue: z.core.$ZodIssue,
  base: readonly PropertyKey[],
): { issue: z.core.$ZodIssue; path: readonly PropertyKey[] } {
  const path = [...base, ...issue.path];
  if (issue.code !== 'invalid_union') return { issue, path };
  const found = issue.errors.flatMap(([first]) => (first === undefined ? [] : [deepest(first, path)]));
  const [best] = found.toSorted((left, right) => right.path.length - left.path.length);
  return best ?? { issue, path };
}

/** Checks the form of a request. Throws `ProviderError` 400 in OpenAI's words. */
export function readResponsesRequest(bodyText: string): ResponsesRequest {
  let body: unknown;
  try {
    body = JSON.parse(bodyText);
  } catch {
    throw new ProviderError(400, { message: 'We could not parse the JSON body of your request.' });
  }
  const parsed = request.safeParse(body);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  if (first === undefined) throw new ProviderError(400, { message: 'The request is not valid.' });
  const { issue, path } = deepest(first, []);
  if (issue.code === 'unrecognized_keys') {
    const param = pathOf([...path, issue.keys[0] ?? '']);
    throw new ProviderError(400, { message: `Unknown parameter: '${param}'.`, param, code: 'unknown_parameter' });
  }
  const param = pathOf(path);
  throw new ProviderError(400, {
    message: `Invalid value for '${param}': ${issue.message}.`,
    param,
    code: 'invalid_value',
  });
}

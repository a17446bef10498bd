import { z } from 'zod';
import { ProviderError } from './errors.ts';

const textPart = z.object({ type: z.literal('text'), text: z.string() });
const otherPart = z.object({ type: z.enum(['image_url', 'input_audio', 'file', 'refusal']) });
const content = z.union([z.string(), z.array(z.union([textPart, otherPart]))]);

const toolCall = z.object({
  id: z.string(),
  type: z.literal('function').optional(),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: content.nullish(),
  name: z.string().optional(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().optional(),
});

const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().min(1).max(128),
    description: z.string().nullish(),
    parameters: z.unknown(),
    strict: z.boolean().nullish(),
  }),
});

const chatRequest = z.object({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).max(4).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  reasoning_effort: z.string().nullish(),
  response_format: z
    .union([
      z.object({ type: z.enum(['text', 'json_object']) }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: z.string(), schema: z.unknown(), strict: z.boolean().nullish() }),
      }),
    ])
    .nullish(),
});

/** A checked `POST /chat/completions` body. Fields that the simulation does not use are dropped, never refused. */
export type ChatRequest = z.infer<typeof chatRequest>;
/** One message of the prompt, as the client sent it. */
export type ChatMessage = ChatRequest['messages'][number];
/** One function that the client offers. */
export type ChatTool = NonNullable<ChatRequest['tools']>[number];

function pathOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}

/** Follows the path into the body; `undefined` where it ends early. */
function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Says what is wrong in the words and with the codes that OpenAI uses, so that clients which match on them work. */
function toProviderError(body: unknown, issue: z.core.$ZodIssue | undefined): ProviderError {
  const path = issue?.path ?? [];
  const param = pathOf(path);
  const value = valueAt(body, path);
  if (value === undefined) {
    const message = `Missing required parameter: '${param}'.`;
    return new ProviderError(400, { message, param, code: 'missing_required_parameter' });
  }
  if (Array.isArray(value) && value.length === 0) {
    const message = `Invalid '${param}': empty array. Expected an array with minimum length 1, but got an empty array instead.`;
    return new ProviderError(400, { message, param, code: 'empty_array' });
  }
  const code = issue?.code === 'invalid_type' || issue?.code === 'invalid_union' ? 'invalid_type' : 'invalid_value';
  return new ProviderError(400, { message: `Invalid value for '${param}': ${issue?.message}.`, param, code });
}

/** Checks a chat request as OpenAI does. Throws `ProviderError` 400 with the path of the first wrong field as `param`. */
export function parseChatRequest(bodyText: string): ChatRequest {
  let body: unknown;
  try {
    body = JSON.parse(bodyText);
  } catch {
    const message = 'We could not parse the JSON body of your request. The body must be a JSON object.';
    throw new ProviderError(400, { message });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ProviderError(400, { message: 'The body of the request must be a JSON object.' });
  }
  const parsed = chatRequest.safeParse(body);
  if (!parsed.success) throw toProviderError(body, parsed.error.issues[0]);
  return parsed.data;
}

/** All text of a message; images, sound and files have none. */
export function textOf(content: ChatMessage['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => ('text' in part ? part.text : '')).join('\n');
}

/** The text of the last message from the user, or ''. */
export function lastUserText(messages: readonly ChatMessage[]): string {
  return textOf(messages.findLast((message) => message.role === 'user')?.content);
}

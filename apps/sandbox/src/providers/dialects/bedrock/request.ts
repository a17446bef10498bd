import type { ChatMessage, ChatRequest } from '../../chat-request.ts';
import type { CallPath } from '../../dialect.ts';
import { ProviderError } from '../../errors.ts';
import { cachePointsIn, checkRules, refuse } from './rules.ts';
import { type ConverseBlock, type ConverseRequest, type ConverseTurn, converseRequest } from './schema.ts';

type Part = Exclude<NonNullable<ChatMessage['content']>, string>[number];

function partOf(block: object): Part[] {
  if ('text' in block && typeof block.text === 'string') return [{ type: 'text', text: block.text }];
  if ('image' in block) return [{ type: 'image_url' }];
  if ('document' in block || 'video' in block) return [{ type: 'file' }];
  return 'json' in block ? [{ type: 'text', text: JSON.stringify(block.json) }] : [];
}

function userMessages(content: readonly ConverseBlock[]): ChatMessage[] {
  const results = content.flatMap((block): ChatMessage[] => {
    if (!('toolResult' in block)) return [];
    const { toolUseId, content: parts } = block.toolResult;
    return [{ role: 'tool', tool_call_id: toolUseId, content: parts.flatMap(partOf) }];
  });
  const said = content.flatMap(partOf);
  return said.length === 0 ? results : [...results, { role: 'user', content: said }];
}

function assistantMessage(content: readonly ConverseBlock[]): ChatMessage {
  const calls = content.flatMap((block) => {
    if (!('toolUse' in block)) return [];
    const { toolUseId, name, input } = block.toolUse;
    return [{ id: toolUseId, type: 'function' as const, function: { name, arguments: JSON.stringify(input) } }];
  });
  return { role: 'assistant', content: content.flatMap(partOf), ...(calls.length > 0 ? { tool_calls: calls } : {}) };
}

function messagesOf({ role, content }: ConverseTurn): ChatMessage[] {
  return role === 'user' ? userMessages(content) : [assistantMessage(content)];
}

function toolsOf({ toolConfig, additionalModelRequestFields: fields }: ConverseRequest): Partial<ChatRequest> {
  if (toolConfig === undefined) return {};
  const tools = toolConfig.tools.flatMap((tool) => {
    if (!('toolSpec' in tool)) return [];
    const { name, description, inputSchema } = tool.toolSpec;
    return [{ type: 'function' as const, function: { name, description, parameters: inputSchema.json } }];
  });
  const choice = toolConfig.toolChoice;
  const isOneCall = fields?.tool_choice?.disable_parallel_tool_use === true;
  return {
    tools,
    ...(choice !== undefined && 'any' in choice ? { tool_choice: 'required' } : {}),
    ...(choice !== undefined && 'tool' in choice ? { tool_choice: { type: 'function', function: choice.tool } } : {}),
    ...(isOneCall ? { parallel_tool_calls: false } : {}),
  };
}

function parseSchema(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse('The schema of outputConfig is not valid JSON.');
  }
}

function formOf({ outputConfig }: ConverseRequest): Partial<ChatRequest> {
  if (outputConfig === undefined) return {};
  const { name, schema } = outputConfig.textFormat.structure.jsonSchema;
  return {
    response_format: { type: 'json_schema', json_schema: { name: name ?? 'answer', schema: parseSchema(schema) } },
  };
}

function parseJson(bodyText: string): unknown {
  try {
    return JSON.parse(bodyText);
  } catch {
    throw new ProviderError(400, { message: 'Unexpected token in the body.', code: 'SerializationException' });
  }
}

const withCachePoints = new WeakSet<ChatRequest>();

/** True when the request asked for its prompt to be kept: only then anything is read from the cache or written to it. */
export function isCached(request: ChatRequest): boolean {
  return withCachePoints.has(request);
}

/** Checks a request of Converse and brings it into the sandbox's own form. Throws `ProviderError` 400. */
export function parseConverse(bodyText: string, { model, isStreamed }: CallPath): ChatRequest {
  const parsed = converseRequest.safeParse(parseJson(bodyText));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(
      `Malformed input request: ${issue?.path.join('.')}: ${issue?.message}, please reformat your input and try again.`,
    );
  }
  const request = parsed.data;
  checkRules(request);
  const { inferenceConfig: config, additionalModelRequestFields: fields } = request;
  const system = (request.system ?? []).flatMap(partOf);
  const thinking = fields?.thinking;
  const chat: ChatRequest = {
    model: model ?? '',
    messages: [
      ...(system.length > 0 ? [{ role: 'system' as const, content: system }] : []),
      ...request.messages.flatMap(messagesOf),
    ],
    stream: isStreamed,
    max_tokens: config?.maxTokens,
    stop: config?.stopSequences,
    ...(thinking === undefined ? {} : { reasoning_effort: thinking.type === 'disabled' ? 'none' : 'high' }),
    ...toolsOf(request),
    ...formOf(request),
  };
  if (cachePointsIn(request) > 0) withCachePoints.add(chat);
  return chat;
}

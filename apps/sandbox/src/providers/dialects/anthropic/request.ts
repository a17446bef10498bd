import type { ChatMessage, ChatRequest } from '../../chat-request.ts';
import { blocksOf, checkRules, marksIn, refuse } from './rules.ts';
import { type Block, type MessagesRequest, messagesRequest, type Turn } from './schema.ts';

type Part = Exclude<NonNullable<ChatMessage['content']>, string>[number];

function partOf(block: Block): Part[] {
  if (block.type === 'text') return [{ type: 'text', text: block.text }];
  if (block.type === 'image') return [{ type: 'image_url' }];
  if (block.type !== 'document') return [];
  return block.source.type === 'text' ? [{ type: 'text', text: block.source.data }] : [{ type: 'file' }];
}

function userMessages(blocks: readonly Block[]): ChatMessage[] {
  const results = blocks.flatMap((block): ChatMessage[] => {
    if (block.type !== 'tool_result') return [];
    const content = typeof block.content === 'string' ? block.content : (block.content ?? []).flatMap(partOf);
    return [{ role: 'tool', tool_call_id: block.tool_use_id, content }];
  });
  const said = blocks.flatMap(partOf);
  return said.length === 0 ? results : [...results, { role: 'user', content: said }];
}

function assistantMessage(blocks: readonly Block[]): ChatMessage {
  const calls = blocks.flatMap((block) =>
    block.type === 'tool_use'
      ? [
          {
            id: block.id,
            type: 'function' as const,
            function: { name: block.name, arguments: JSON.stringify(block.input) },
          },
        ]
      : [],
  );
  return { role: 'assistant', content: blocks.flatMap(partOf), ...(calls.length > 0 ? { tool_calls: calls } : {}) };
}

function messagesOf(turn: Turn): ChatMessage[] {
  return turn.role === 'user' ? userMessages(blocksOf(turn)) : [assistantMessage(blocksOf(turn))];
}

function toolsOf({ tools, tool_choice: choice }: MessagesRequest): Partial<ChatRequest> {
  if (tools === undefined || tools.length === 0) return {};
  const isOneCall = choice !== undefined && 'disable_parallel_tool_use' in choice && choice.disable_parallel_tool_use;
  return {
    tools: tools.map(({ name, description, input_schema: parameters }) => ({
      type: 'function' as const,
      function: { name, description, parameters },
    })),
    ...(choice?.type === 'any' ? { tool_choice: 'required' } : {}),
    ...(choice?.type === 'none' ? { tool_choice: 'none' } : {}),
    ...(choice?.type === 'tool' ? { tool_choice: { type: 'function', function: { name: choice.name } } } : {}),
    ...(isOneCall ? { parallel_tool_calls: false } : {}),
  };
}

function formOf({ output_config: config }: MessagesRequest): Partial<ChatRequest> {
  if (config?.format === undefined) return {};
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: config.format.schema } } };
}

function parseJson(bodyText: string): unknown {
  try {
    return JSON.parse(bodyText);
  } catch {
    throw refuse('The request body is not valid JSON.');
  }
}

/** How long a prompt is to be kept, for those that ask for it. */
const lives = new WeakMap<ChatRequest, '5m' | '1h'>();

/** How long what is written of the prompt is kept; undefined when it is not to be kept: then nothing is read, either. */
export function lifeOf(request: ChatRequest): '5m' | '1h' | undefined {
  return lives.get(request);
}

const hidden = new WeakSet<ChatRequest>();

/** True when the words of thoughts are not wanted. */
export function isThoughtHidden(request: ChatRequest): boolean {
  return hidden.has(request);
}

/** Checks a request of the messages API and brings it into the sandbox's own form. Throws `ProviderError` 400. */
export function parseMessages(bodyText: string): ChatRequest {
  const parsed = messagesRequest.safeParse(parseJson(bodyText));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'Invalid input'}`);
  }
  const request = parsed.data;
  checkRules(request);
  const { system, thinking } = request;
  const said = typeof system === 'string' ? system : (system ?? []).flatMap(partOf);
  const chat: ChatRequest = {
    model: request.model,
    messages: [
      ...(said.length > 0 ? [{ role: 'system' as const, content: said }] : []),
      ...request.messages.flatMap(messagesOf),
    ],
    stream: request.stream,
    max_tokens: request.max_tokens,
    stop: request.stop_sequences,
    // A model thinks when it is asked to.
    reasoning_effort: thinking === undefined || thinking.type === 'disabled' ? 'none' : 'high',
    ...toolsOf(request),
    ...formOf(request),
  };
  const marks = marksIn(request);
  if (marks.length > 0) lives.set(chat, marks.includes('1h') ? '1h' : '5m');
  if (thinking !== undefined && 'display' in thinking && thinking.display === 'omitted') hidden.add(chat);
  return chat;
}

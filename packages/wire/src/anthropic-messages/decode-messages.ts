import type {
  CacheHint,
  ContentPart,
  JsonObject,
  Message,
  ReasoningDetail,
  ToolCall,
  ToolDefinition,
} from '@bourse/generation';
import { redactedOf, thinkingOf } from './foreign-reasoning.ts';
import type { AnthropicMessage, AssistantBlock, MessagesRequest, ResultBlock, UserBlock } from './schema.ts';

/** The mark of a block, of a tool or of the whole request. */
export function cacheHint({
  cache_control: control,
}: {
  readonly cache_control?: { readonly ttl?: '5m' | '1h' | null | undefined } | null | undefined;
}): { readonly cache?: CacheHint } {
  if (!control) return {};
  return { cache: control.ttl ? { ttl: control.ttl } : {} };
}

type ImageBlock = Extract<UserBlock, { type: 'image' }>;
type DocumentBlock = Extract<UserBlock, { type: 'document' }>;

function urlOf(source: ImageBlock['source']): string {
  return source.type === 'url' ? source.url : `data:${source.media_type};base64,${source.data}`;
}

/** Text with what it is called, for models that know no documents. */
function titled(title: string | null | undefined, text: string): string {
  return title ? `${title}\n\n${text}` : text;
}

function documentParts(block: DocumentBlock): ContentPart[] {
  const { source, title } = block;
  const filename = title ? { filename: title } : {};
  switch (source.type) {
    case 'base64':
    case 'url':
      return [{ type: 'file', ...filename, fileData: urlOf(source), ...cacheHint(block) }];
    case 'text':
      return [{ type: 'text', text: titled(title, source.data), ...cacheHint(block) }];
    case 'content':
      return typeof source.content === 'string'
        ? [{ type: 'text', text: titled(title, source.content), ...cacheHint(block) }]
        : source.content.flatMap(decodeBlock);
  }
}

/** One block that a model reads, in the hub's words; empty for what only Anthropic's models understand. */
function decodeBlock(block: ResultBlock): ContentPart[] {
  switch (block.type) {
    case 'text':
      return [{ type: 'text', text: block.text, ...cacheHint(block) }];
    case 'image':
      return [{ type: 'image', url: urlOf(block.source), ...cacheHint(block) }];
    case 'document':
      return documentParts(block);
    case 'search_result': {
      const text = [block.title, block.source, ...block.content.map((part) => part.text)].join('\n');
      return [{ type: 'text', text, ...cacheHint(block) }];
    }
    case 'other':
      return [];
  }
}

function decodeContent(content: string | readonly ResultBlock[] | null | undefined): ContentPart[] {
  if (typeof content !== 'string') return (content ?? []).flatMap(decodeBlock);
  return content === '' ? [] : [{ type: 'text', text: content }];
}

type ToolResult = Extract<UserBlock, { type: 'tool_result' }>;

function toolMessage(block: ToolResult): Message {
  const content = decodeContent(block.content);
  const last = content.pop();
  // The mark on a result means the result as a whole: up to and with the last thing in it.
  const marked = last && { ...last, ...cacheHint(block) };
  return {
    role: 'tool',
    callId: block.tool_use_id,
    content: marked ? [...content, marked] : content,
    ...(typeof block.is_error === 'boolean' ? { isError: block.is_error } : {}),
  };
}

/** A user's turn is what tools answered, each a message of its own, and then what the user says. */
function decodeUser(content: string | readonly UserBlock[]): Message[] {
  if (typeof content === 'string') return [{ role: 'user', content: decodeContent(content) }];
  const results = content.filter((block) => block.type === 'tool_result');
  const parts = content.flatMap((block) => (block.type === 'tool_result' ? [] : decodeBlock(block)));
  if (parts.length === 0 && results.length > 0) return results.map(toolMessage);
  return [...results.map(toolMessage), { role: 'user', content: parts }];
}

function argumentsOf(input: unknown): string {
  return input === undefined || input === null ? '{}' : JSON.stringify(input);
}

function decodeAssistant(blocks: readonly AssistantBlock[]): Message {
  const content: ContentPart[] = [];
  const reasoning: ReasoningDetail[] = [];
  const calls: ToolCall[] = [];
  const signatures = new Map<string, string>();
  for (const block of blocks) {
    if (block.type === 'text') content.push({ type: 'text', text: block.text, ...cacheHint(block) });
    else if (block.type === 'thinking') reasoning.push(thinkingOf(block.thinking, block.signature ?? ''));
    else if (block.type === 'redacted_thinking') {
      const read = redactedOf(block.data);
      if ('callId' in read) signatures.set(read.callId, read.signature);
      else reasoning.push(read);
    } else if (block.type === 'tool_use') {
      calls.push({ callId: block.id, name: block.name, argumentsText: argumentsOf(block.input) });
    }
  }
  const toolCalls = calls.map((call) => {
    const signature = signatures.get(call.callId);
    return signature === undefined ? call : { ...call, signature };
  });
  return { role: 'assistant', content, toolCalls, reasoning };
}

/** One message as messages of the hub. */
export function decodeMessage(message: AnthropicMessage): Message[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: decodeContent(message.content) }];
    case 'user':
      return decodeUser(message.content);
    case 'assistant': {
      const { content } = message;
      if (typeof content !== 'string') return [decodeAssistant(content)];
      return [{ role: 'assistant', content: decodeContent(content), toolCalls: [], reasoning: [] }];
    }
  }
}

/** The system prompt as the first message; none when there is no text in it. */
export function decodeSystem(system: MessagesRequest['system']): Message[] {
  const content = decodeContent(system);
  return content.length === 0 ? [] : [{ role: 'system', content }];
}

/** The tools that the client runs itself. */
export function decodeTools(tools: MessagesRequest['tools']): ToolDefinition[] {
  return (tools ?? []).flatMap((tool) => {
    if (tool.type === 'provider') return [];
    const { name, description, input_schema: schema, strict } = tool;
    return {
      name,
      ...(description ? { description } : {}),
      parameters: schema as JsonObject, // validated seam: the members are JSON because the body was.
      ...(typeof strict === 'boolean' ? { isStrict: strict } : {}),
      ...cacheHint(tool),
    };
  });
}

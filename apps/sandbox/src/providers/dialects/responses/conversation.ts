import type { ChatMessage, ChatRequest } from '../../chat-request.ts';
import { ProviderError } from '../../errors.ts';
import type { ResponsesItem, ResponsesRequest } from './request.ts';
import { openThought } from './sealed-thought.ts';

function refuse(message: string, param = 'input', code: string | null = null): ProviderError {
  return new ProviderError(400, { message, param, code });
}

function assertNoTwins(items: readonly ResponsesItem[]): void {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (id === undefined) continue;
    if (seen.has(id)) {
      throw refuse(`Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`);
    }
    seen.add(id);
  }
}

const isCall = (item: ResponsesItem) => item.type === 'function_call' || item.type === 'custom_tool_call';
const isOutput = (item: ResponsesItem) =>
  item.type === 'function_call_output' || item.type === 'custom_tool_call_output';
const callIdOf = (item: ResponsesItem) => ('call_id' in item ? item.call_id : '');

function assertPairs(items: readonly ResponsesItem[]): void {
  const calls = items.filter(isCall).map(callIdOf);
  const outputs = items.filter(isOutput).map(callIdOf);
  const unanswered = calls.find((id) => !outputs.includes(id));
  if (unanswered !== undefined) throw refuse(`No tool output found for function call ${unanswered}.`);
  const uncalled = outputs.find((id) => !calls.includes(id));
  if (uncalled !== undefined) {
    throw refuse(`No tool call found for function call output with call_id ${uncalled}.`);
  }
}

/** A thought is its maker's and whole, and stands directly before what it led to. */
function assertThoughts(items: readonly ResponsesItem[]): void {
  for (const [index, item] of items.entries()) {
    if (item.type === 'item_reference') {
      throw new ProviderError(404, { message: `Item with id '${item.id}' not found.`, param: 'input' });
    }
    if (item.type !== 'reasoning') continue;
    const { id, encrypted_content: sealed } = item;
    if (!sealed) {
      const message = `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false.`;
      throw new ProviderError(404, { message, param: 'input' });
    }
    if (openThought(id, sealed) === null) {
      const message = `The encrypted content for item ${id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`;
      throw refuse(message, 'input', 'invalid_encrypted_content');
    }
    const next = items[index + 1];
    const leads =
      next !== undefined &&
      (isCall(next) || next.type === 'reasoning' || ('role' in next && next.role === 'assistant'));
    if (!leads) throw refuse(`Item '${id}' of type 'reasoning' was provided without its required following item.`);
  }
}

type Content =
  | Extract<ResponsesItem, { role: 'user' }>['content']
  | Extract<ResponsesItem, { role: 'assistant' }>['content'];

type Part = Exclude<Content, string>[number];
type ChatPart = Exclude<NonNullable<ChatMessage['content']>, string>[number];

function partOf(part: Part): ChatPart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'text', text: part.refusal };
    case 'input_image':
      return { type: 'image_url' };
    case 'input_file':
      return { type: 'file' };
  }
}

function contentOf(content: Content): NonNullable<ChatMessage['content']> {
  return typeof content === 'string' ? content : content.map(partOf);
}

function calls(message: ChatMessage | undefined, call: NonNullable<ChatMessage['tool_calls']>[number]): ChatMessage {
  const earlier = message ?? { role: 'assistant', content: null };
  return { ...earlier, tool_calls: [...(earlier.tool_calls ?? []), call] };
}

function messagesOf(items: readonly ResponsesItem[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  const addCall = (id: string, name: string, text: string) => {
    const open = messages.at(-1)?.role === 'assistant' ? messages.pop() : undefined;
    messages.push(calls(open, { id, type: 'function', function: { name, arguments: text } }));
  };
  for (const item of items) {
    switch (item.type) {
      case 'function_call':
        addCall(item.call_id, item.name, item.arguments);
        break;
      case 'custom_tool_call':
        addCall(item.call_id, item.name, item.input);
        break;
      case 'function_call_output':
      case 'custom_tool_call_output':
        messages.push({ role: 'tool', tool_call_id: item.call_id, content: contentOf(item.output) });
        break;
      case 'message':
      case undefined:
        messages.push({ role: item.role, content: contentOf(item.content) });
        break;
      case 'reasoning':
      case 'item_reference':
        break;
    }
  }
  return messages;
}

/** Unsaid, a function is strict here; a strict one must close its objects and require all that is in them. */
function assertStrict({ tools }: ResponsesRequest): void {
  for (const [index, tool] of (tools ?? []).entries()) {
    if (tool.type !== 'function' || tool.strict === false) continue;
    const schema = tool.parameters ?? {};
    const properties = Object.keys(typeof schema['properties'] === 'object' ? { ...schema['properties'] } : {});
    const required = Array.isArray(schema['required']) ? schema['required'] : [];
    const isClosed = schema['additionalProperties'] === false && properties.every((name) => required.includes(name));
    if (isClosed) continue;
    const message = `Invalid schema for function '${tool.name}': In context=(), 'additionalProperties' is required to be supplied and to be false, and 'required' to name every property.`;
    throw refuse(message, `tools[${index}].parameters`, 'invalid_function_parameters');
  }
}

const FREE_TEXT = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };

function toolsOf({ tools }: ResponsesRequest): ChatRequest['tools'] {
  return tools?.map((tool) => ({
    type: 'function',
    function: { name: tool.name, parameters: tool.type === 'function' ? (tool.parameters ?? {}) : FREE_TEXT },
  }));
}

function formatOf({ text }: ResponsesRequest): ChatRequest['response_format'] {
  const format = text?.format;
  if (format?.type !== 'json_schema') return format;
  return { type: 'json_schema', json_schema: { name: format.name, schema: format.schema } };
}

/** The request in the sandbox's own form. Throws `ProviderError` where the items do not fit together, as OpenAI does. */
export function toChatRequest(request: ResponsesRequest): ChatRequest {
  if (request.previous_response_id) {
    const message = `Previous response with id '${request.previous_response_id}' not found.`;
    throw refuse(message, 'previous_response_id', 'previous_response_not_found');
  }
  const { input, instructions, tool_choice: choice } = request;
  const items: readonly ResponsesItem[] = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  assertNoTwins(items);
  assertThoughts(items);
  assertPairs(items);
  assertStrict(request);
  const system: ChatMessage[] = instructions ? [{ role: 'system', content: instructions }] : [];
  return {
    model: request.model,
    messages: [...system, ...messagesOf(items)],
    stream: request.stream,
    max_completion_tokens: request.max_output_tokens,
    temperature: request.temperature,
    top_p: request.top_p,
    tools: toolsOf(request),
    tool_choice:
      typeof choice === 'object' && choice !== null ? { type: 'function', function: { name: choice.name } } : choice,
    parallel_tool_calls: request.parallel_tool_calls,
    reasoning_effort: request.reasoning?.effort,
    response_format: formatOf(request),
  };
}

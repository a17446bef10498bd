import { type ChatMessage, type ChatRequest, textOf } from './chat-request.ts';
import { encodeText } from './tokens.ts';

// The control tokens of o200k's chat layout. Only their number and place matter here.
const START = 200_264;
const SEPARATOR = 200_266;
const END = 200_265;
const MEDIA = 200_000;

/** What OpenAI counts for an image at low detail; the simulation sees every image, sound and file so. */
const TOKENS_PER_MEDIUM = 85;

function messageTokens(message: ChatMessage): number[] {
  const media = Array.isArray(message.content) ? message.content.filter((part) => part.type !== 'text').length : 0;
  const calls = (message.tool_calls ?? []).map((call) => `${call.function.name}${call.function.arguments}`);
  return [
    START,
    ...encodeText(message.role),
    ...(message.name === undefined ? [] : [SEPARATOR, ...encodeText(message.name)]),
    SEPARATOR,
    ...encodeText(textOf(message.content)),
    ...calls.flatMap(encodeText),
    ...Array.from({ length: media * TOKENS_PER_MEDIUM }, () => MEDIA),
    END,
  ];
}

/**
 * The prompt as the row of tokens that the model reads, so that its length is `prompt_tokens` and equal beginnings of
 * two prompts are equal rows. Tools and a JSON schema come first, as they do at OpenAI; each message has three control
 * tokens, and three more ask for the answer. For plain text this is exactly the count of `o200k_base` chat layout.
 */
export function promptTokens(request: ChatRequest): number[] {
  const format = request.response_format;
  const schema = format?.type === 'json_schema' ? JSON.stringify(format.json_schema) : '';
  const tools = request.tools == null || request.tools.length === 0 ? '' : JSON.stringify(request.tools);
  return [
    ...encodeText(tools + schema),
    ...request.messages.flatMap(messageTokens),
    START,
    ...encodeText('assistant'),
    SEPARATOR,
  ];
}

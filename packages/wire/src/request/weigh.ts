import { AppError } from '@bourse/errors';
import type { ContentPart, JsonValue, Message, ReasoningDetail } from '@bourse/generation';
import { utf8Length } from '../utf8-length.ts';

/**
 * What a prompt weighs, for the hold: the upper bound of its input tokens. Text is exact, because no tokenizer makes more
 * tokens than there are bytes. What is not text is estimated, generously:
 */

/** Chat templates wrap each message in a handful of special tokens (OpenAI: 3 to 4, Llama 3: 5). */
const BYTES_PER_MESSAGE = 16;
/** Providers put a preamble before tools (Anthropic documents up to 346 tokens) or a JSON schema. */
const BYTES_OF_TOOL_PREAMBLE = 512;
/** A large image in detail: 1,105 tokens at gpt-4o, up to 4,784 at Anthropic, 258 per tile at Gemini (2026-11). */
const BYTES_PER_IMAGE = 8_192;
/** Sixteen bytes of audio per token: even at 8 kbit/s a second is 62 tokens, and Gemini counts 32, OpenAI 10. */
const AUDIO_BYTES_PER_TOKEN = 16;
/** A file by URL or id, whose size we do not know: a hundred pages of text. */
const BYTES_PER_UNSEEN_FILE = 262_144;
/** A video by URL or in base64: Gemini counts about 300 tokens a second, and an hour is a million of them. */
const BYTES_PER_VIDEO = 1_048_576;
/** A page of a PDF is also read as an image, so that even a tiny file is at least this. */
const BYTES_PER_FILE_MIN = 8_192;

function base64Bytes(base64: string): number {
  const start = base64.startsWith('data:') ? base64.indexOf(',') + 1 : 0;
  return Math.ceil(((base64.length - start) * 3) / 4);
}

function partBytes(part: ContentPart): number {
  switch (part.type) {
    case 'text':
      return utf8Length(part.text);
    case 'image':
      return BYTES_PER_IMAGE;
    case 'audio':
      return Math.ceil(base64Bytes(part.base64) / AUDIO_BYTES_PER_TOKEN);
    case 'video':
      return Math.max(BYTES_PER_VIDEO, part.url.startsWith('data:') ? base64Bytes(part.url) : 0);
    case 'file':
      return part.fileData.startsWith('data:')
        ? Math.max(base64Bytes(part.fileData), BYTES_PER_FILE_MIN)
        : BYTES_PER_UNSEEN_FILE;
  }
}

/** Bytes of a value as JSON. Throws AppError('invalid_request') when it is nested too deeply to be written. */
export function jsonBytes(value: JsonValue, path: string): number {
  try {
    return utf8Length(JSON.stringify(value));
  } catch (cause) {
    // JSON.parse accepts nesting that JSON.stringify cannot write (RangeError from about 5,000 levels on).
    throw new AppError('invalid_request', `${path} is nested too deeply.`, { cause, metadata: { path } });
  }
}

/** Everything of it counts: a provider reads an encrypted blob as what was encrypted, which is shorter. */
function reasoningBytes(detail: ReasoningDetail): number {
  if (detail.type === 'encrypted') return detail.data.length;
  return utf8Length(detail.text) + (detail.type === 'text' ? (detail.signature?.length ?? 0) : 0);
}

/** The weight of one message: its text, its calls, and the wrapping. */
export function messageBytes(message: Message): number {
  let bytes = BYTES_PER_MESSAGE;
  for (const part of message.content) bytes += partBytes(part);
  if (message.role === 'tool') return bytes + utf8Length(message.callId);
  if (message.name !== undefined) bytes += utf8Length(message.name);
  if (message.role !== 'assistant') return bytes;
  for (const detail of message.reasoning) bytes += reasoningBytes(detail);
  bytes += utf8Length(message.refusal ?? '');
  for (const call of message.toolCalls) {
    bytes +=
      utf8Length(call.callId) +
      utf8Length(call.name) +
      utf8Length(call.argumentsText) +
      (call.signature?.length ?? 0) +
      BYTES_PER_MESSAGE;
  }
  return bytes;
}

/** The weight of a JSON value that the model reads as such (tools, the schema of the answer), with its preamble. */
export function schemaBytes(value: JsonValue, path: string): number {
  return jsonBytes(value, path) + BYTES_OF_TOOL_PREAMBLE;
}

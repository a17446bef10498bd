import type { ContentPart, JsonObject, Message, ToolCall } from '@bourse/generation';
import { refuse } from '../request/decode-market.ts';
import { decodeThoughts } from './foreign-thoughts.ts';
import { decodeMedia } from './media.ts';
import type { GeminiContent, GeminiPart } from './schema.ts';

type FunctionResponse = NonNullable<GeminiPart['functionResponse']>;

/** Media without a type: YouTube's videos have none. */
const TYPE_UNKNOWN = 'application/octet-stream';

/** Text and media of a part; null for a part that is neither. */
function contentOf(
  part: Pick<GeminiPart, 'text' | 'thoughtSignature' | 'inlineData' | 'fileData'>,
): ContentPart | null {
  const { text, thoughtSignature: signature, inlineData, fileData } = part;
  if (inlineData) return decodeMedia(inlineData.mimeType, { base64: inlineData.data });
  if (fileData) return decodeMedia(fileData.mimeType ?? TYPE_UNKNOWN, { url: fileData.fileUri });
  if (typeof text !== 'string') return null;
  return { type: 'text', text, ...(signature ? { signature } : {}) };
}

/** A JSON object that zod saw as `Record<string, unknown>`. */
function asJson(value: Record<string, unknown>): JsonObject {
  return value as JsonObject; // validated seam: the members are JSON because the body was.
}

/** `output` and `error` are Google's words for what came out; any other object is the output as a whole. */
function resultOf({ response }: FunctionResponse): { readonly text: string; readonly isError?: true } {
  const object = asJson(response ?? {});
  const keys = Object.keys(object);
  const only = keys.length === 1 ? keys[0] : undefined;
  if (only !== 'output' && only !== 'error') return { text: JSON.stringify(object) };
  const value = object[only];
  return {
    text: typeof value === 'string' ? value : JSON.stringify(value),
    ...(only === 'error' ? { isError: true } : {}),
  };
}

/** Reads turns one after another: results belong to calls that came before, by their ids or else by their names in order. */
class ContentsReader {
  #open: ToolCall[] = [];
  #calls = 0;

  read(content: GeminiContent, path: string): Message[] {
    const parts = content.parts ?? [];
    return content.role === 'model' ? this.#model(parts) : this.#user(parts, path);
  }

  #model(parts: readonly GeminiPart[]): Message[] {
    const content: ContentPart[] = [];
    const toolCalls: ToolCall[] = [];
    for (const part of parts) {
      const signature = part.thoughtSignature ? { signature: part.thoughtSignature } : {};
      if (part.functionCall) {
        const { id, name, args } = part.functionCall;
        toolCalls.push({ callId: id || this.#callId(), name, argumentsText: JSON.stringify(args ?? {}), ...signature });
      } else if (part.thought !== true) {
        const decoded = contentOf(part);
        if (decoded !== null) content.push(decoded);
      }
    }
    this.#open = [...toolCalls];
    const reasoning = decodeThoughts(parts.filter(({ thought, functionCall }) => thought === true && !functionCall));
    return [{ role: 'assistant', content, toolCalls, reasoning }];
  }

  /** Answers of tools are messages of their own, before what the user says beside them. */
  #user(parts: readonly GeminiPart[], path: string): Message[] {
    const messages: Message[] = [];
    const content: ContentPart[] = [];
    for (const [index, part] of parts.entries()) {
      if (part.functionResponse) messages.push(this.#result(part.functionResponse, `${path}.parts[${index}]`));
      const decoded = part.functionResponse ? null : contentOf(part);
      if (decoded !== null) content.push(decoded);
    }
    if (content.length > 0 || messages.length === 0) messages.push({ role: 'user', content });
    return messages;
  }

  #result(response: FunctionResponse, path: string): Message {
    const at = this.#open.findIndex(({ callId, name }) =>
      response.id ? callId === response.id : name === response.name,
    );
    const [call] = at === -1 ? [] : this.#open.splice(at, 1);
    if (call === undefined) {
      throw refuse(
        `${path}.functionResponse`,
        `${path}.functionResponse answers no functionCall of the turn before it.`,
      );
    }
    const { text, isError } = resultOf(response);
    const media = (response.parts ?? []).flatMap((part) => contentOf(part) ?? []);
    const content: ContentPart[] = [{ type: 'text', text }, ...media];
    return { role: 'tool', callId: call.callId, content, ...(isError === undefined ? {} : { isError }) };
  }

  #callId(): string {
    this.#calls += 1;
    return `call_${this.#calls}`;
  }
}

/** The conversation of a request, its system instruction first. Throws AppError('invalid_request') for a result without a call. */
export function decodeContents(
  contents: readonly GeminiContent[],
  system: Pick<GeminiContent, 'parts'> | null | undefined,
): Message[] {
  const reader = new ContentsReader();
  const instruction = (system?.parts ?? []).flatMap((part) => contentOf(part) ?? []);
  return [
    ...(instruction.length > 0 ? [{ role: 'system' as const, content: instruction }] : []),
    ...contents.flatMap((content, index) => reader.read(content, `contents[${index}]`)),
  ];
}

import type { ContentPart, JsonObject, JsonValue, Message, ReasoningDetail, ReasoningFormat } from '@bourse/generation';

function fileMember(fileData: string): JsonObject {
  if (/^https?:\/\//i.test(fileData)) return { file_url: fileData };
  return /^file[-_]/.test(fileData) ? { file_id: fileData } : { file_data: fileData };
}

function encodePart(part: ContentPart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'input_text', text: part.text }];
    case 'image':
      return [{ type: 'input_image', image_url: part.url, detail: part.detail ?? 'auto' }];
    case 'file':
      return [
        { type: 'input_file', ...(part.filename ? { filename: part.filename } : {}), ...fileMember(part.fileData) },
      ];
    case 'audio':
    case 'video':
      // `lacks` has kept such a prompt away: the dialect has no words for sound and film.
      return [];
  }
}

function textOf(content: readonly ContentPart[]): string {
  let text = '';
  for (const part of content) text += part.type === 'text' ? part.text : '';
  return text;
}

/** What a provider of the family may see of what a model thought: one item for each that it made, blobs of others left out. */
function encodeReasoning(details: readonly ReasoningDetail[], family: ReasoningFormat): JsonObject[] {
  const items: JsonObject[] = [];
  let summary: JsonObject[] = [];
  for (const detail of details) {
    if (detail.format !== family) continue;
    if (detail.type === 'summary') summary.push({ type: 'summary_text', text: detail.text });
    if (detail.type !== 'encrypted') continue;
    // Without its blob an item is only a name, and nothing is stored under it.
    items.push({
      type: 'reasoning',
      ...(detail.id === undefined ? {} : { id: detail.id }),
      summary,
      encrypted_content: detail.data,
    });
    summary = [];
  }
  return items;
}

type AssistantMessage = Extract<Message, { role: 'assistant' }>;

function encodeAssistant(message: AssistantMessage, family: ReasoningFormat): JsonObject[] {
  const items = encodeReasoning(message.reasoning, family);
  const parts: JsonObject[] = message.content.flatMap((part) =>
    part.type === 'text' && part.text !== '' ? [{ type: 'output_text', text: part.text }] : [],
  );
  if (message.refusal) parts.push({ type: 'refusal', refusal: message.refusal });
  if (parts.length > 0) items.push({ type: 'message', role: 'assistant', content: parts });
  for (const { callId, name, argumentsText } of message.toolCalls) {
    // The string of the model as it was: another order of its members would spoil the provider's cache.
    items.push({
      type: 'function_call',
      call_id: callId,
      name,
      arguments: argumentsText === '' ? '{}' : argumentsText,
    });
  }
  // Pictures that a model made have no place in its own turns here; it sees them all the same.
  const images = message.content.filter((part) => part.type === 'image').flatMap(encodePart);
  if (images.length > 0) items.push({ type: 'message', role: 'user', content: images });
  return items;
}

function encodeOutput(content: readonly ContentPart[]): JsonValue {
  return content.every((part) => part.type === 'text') ? textOf(content) : content.flatMap(encodePart);
}

function encodeMessage(message: Message, family: ReasoningFormat): JsonObject[] {
  switch (message.role) {
    case 'assistant':
      return encodeAssistant(message, family);
    case 'tool':
      return [{ type: 'function_call_output', call_id: message.callId, output: encodeOutput(message.content) }];
    case 'system':
    case 'developer':
    case 'user':
      return [{ type: 'message', role: message.role, content: message.content.flatMap(encodePart) }];
  }
}

/** The messages as items, each in its place. `family` is whose encrypted reasoning the provider reads. */
export function encodeInput(messages: readonly Message[], family: ReasoningFormat): JsonObject[] {
  return messages.flatMap((message) => encodeMessage(message, family));
}

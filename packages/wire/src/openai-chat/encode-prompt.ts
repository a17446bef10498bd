import {
  type ContentPart,
  type JsonObject,
  type JsonValue,
  type Message,
  type Prompt,
  type ReasoningDetail,
  reasoningText,
  type Sampling,
} from '@bourse/generation';
import { forwardedBody, outputCap } from '../request/decode-market.ts';
import type { CallTarget } from '../wire-format.ts';

type Body = Record<string, JsonValue | undefined>;

/** Writes what the target decides: model, streaming with usage, the cap under the name(s) that the client used. */
function applyTarget(body: Body, prompt: Prompt, target: CallTarget): JsonObject {
  body['model'] = target.upstreamModel;
  const cap = outputCap(prompt, target);
  if (cap !== undefined) {
    const hasNewName = body['max_completion_tokens'] !== undefined;
    if (hasNewName) body['max_completion_tokens'] = cap;
    if (!hasNewName || body['max_tokens'] !== undefined) body['max_tokens'] = cap;
  }
  if (prompt.reasoning?.effort) body['reasoning_effort'] = prompt.reasoning.effort;
  const options = body['stream_options'];
  delete body['stream_options'];
  delete body['stream'];
  if (target.isStreamed) {
    body['stream'] = true;
    const known = typeof options === 'object' && options !== null && !Array.isArray(options) ? options : {};
    body['stream_options'] = { ...known, include_usage: true };
  }
  return body;
}

/** OpenRouter's mark, which the providers that need one understand and the others' adapters remove. */
function markOf({ cache }: Pick<ContentPart, 'cache'>): { readonly cache_control?: JsonObject } {
  return cache === undefined ? {} : { cache_control: { type: 'ephemeral', ...cache } };
}

function encodePart(part: ContentPart): JsonObject {
  const marked = markOf(part);
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, ...marked };
    case 'image':
      return {
        type: 'image_url',
        image_url: { url: part.url, ...(part.detail ? { detail: part.detail } : {}) },
        ...marked,
      };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.base64, format: part.format }, ...marked };
    case 'video':
      return { type: 'video_url', video_url: { url: part.url }, ...marked };
    case 'file':
      return {
        type: 'file',
        file: { ...(part.filename ? { filename: part.filename } : {}), file_data: part.fileData },
        ...marked,
      };
  }
}

/** One text part is a plain string: every OpenAI-compatible server takes it, not every one takes a list. */
function encodeContent(content: readonly ContentPart[]): JsonValue {
  const [first] = content;
  if (!first) return '';
  const isPlain = content.length === 1 && first.type === 'text' && first.cache === undefined;
  return isPlain ? first.text : content.map(encodePart);
}

/** A piece of reasoning in OpenRouter's words. */
export function encodeReasoningDetail(detail: ReasoningDetail, index: number): JsonObject {
  const common = { ...(detail.id === undefined ? {} : { id: detail.id }), format: detail.format, index };
  switch (detail.type) {
    case 'text': {
      const { text, signature } = detail;
      return { type: 'reasoning.text', text, ...(signature === undefined ? {} : { signature }), ...common };
    }
    case 'summary':
      return { type: 'reasoning.summary', summary: detail.text, ...common };
    case 'encrypted':
      return { type: 'reasoning.encrypted', data: detail.data, ...common };
  }
}

/** Pictures that a model made stand beside its text in this dialect. */
function splitImages(content: readonly ContentPart[]): { text: readonly ContentPart[]; images: JsonObject[] } {
  const images = content.flatMap((part) => (part.type === 'image' ? [encodePart(part)] : []));
  return { text: images.length === 0 ? content : content.filter((part) => part.type !== 'image'), images };
}

function encodeMessage(message: Message): JsonObject {
  if (message.role === 'tool') {
    return { role: 'tool', tool_call_id: message.callId, content: encodeContent(message.content) };
  }
  const name = message.name ? { name: message.name } : {};
  if (message.role !== 'assistant') return { role: message.role, content: encodeContent(message.content), ...name };
  const { text, images } = splitImages(message.content);
  const content = encodeContent(text);
  const calls = message.toolCalls.map((call) => ({
    id: call.callId,
    type: 'function',
    function: { name: call.name, arguments: call.argumentsText },
    ...(call.signature ? { extra_content: { google: { thought_signature: call.signature } } } : {}),
  }));
  const reasoning = reasoningText(message.reasoning);
  const details = message.reasoning.map(encodeReasoningDetail);
  return {
    role: 'assistant',
    // OpenAI wants null, not "", beside tool calls.
    content: content === '' && calls.length > 0 ? null : content,
    ...(reasoning === '' ? {} : { reasoning }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(images.length === 0 ? {} : { images }),
    ...(message.refusal ? { refusal: message.refusal } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...name,
  };
}

function encodeSampling(sampling: Sampling): Body {
  return {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    top_a: sampling.topA,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    repetition_penalty: sampling.repetitionPenalty,
    seed: sampling.seed,
    stop: sampling.stop,
    logit_bias: sampling.logitBias,
    logprobs: sampling.logprobs,
    top_logprobs: sampling.topLogprobs,
  };
}

function encodeResponseFormat(format: Prompt['responseFormat']): JsonObject | undefined {
  if (format?.type !== 'json_schema') return format;
  return {
    type: 'json_schema',
    json_schema: {
      name: format.name,
      ...(format.description ? { description: format.description } : {}),
      ...(format.schema ? { schema: format.schema } : {}),
      ...(format.isStrict === undefined ? {} : { strict: format.isStrict }),
    },
  };
}

function encodeTools(prompt: Prompt): Body {
  const { toolChoice } = prompt;
  const tools = prompt.tools.map((tool) => ({
    type: 'function',
    function: {
      name: tool.name,
      ...(tool.description ? { description: tool.description } : {}),
      ...(tool.parameters ? { parameters: tool.parameters } : {}),
      ...(tool.isStrict === undefined ? {} : { strict: tool.isStrict }),
    },
    ...markOf(tool),
  }));
  return {
    tools: tools.length > 0 ? tools : undefined,
    tool_choice:
      toolChoice?.type === 'tool' ? { type: 'function', function: { name: toolChoice.name } } : toolChoice?.type,
    parallel_tool_calls: prompt.hasParallelToolCalls,
  };
}

/** From the hub, for a client that spoke another dialect. Its extensions stay behind: they belong to that dialect. */
function encodeFromHub(prompt: Prompt, target: CallTarget): JsonObject {
  const all: Body = {
    messages: prompt.messages.map(encodeMessage),
    ...encodeSampling(prompt.sampling),
    ...encodeTools(prompt),
    response_format: encodeResponseFormat(prompt.responseFormat),
    n: prompt.choiceCount > 1 ? prompt.choiceCount : undefined,
    modalities: prompt.outputModalities,
    audio: prompt.audioOutput,
    verbosity: prompt.verbosity,
    prompt_cache_key: prompt.promptCacheKey,
    service_tier: prompt.serviceTier,
    user: prompt.endUser,
  };
  const body: Body = {};
  for (const field in all) if (all[field] !== undefined) body[field] = all[field];
  return applyTarget(body, prompt, target);
}

/**
 * The body for a provider. A client of the same dialect has its own body forwarded: unknown fields survive; `model`,
 * streaming and the output cap are ours; fields for the marketplace or for steering a proxy are removed. `reasoning`
 * becomes `reasoning_effort` when an effort is named; a token budget has no word in this dialect and is dropped.
 */
export function encodePrompt(prompt: Prompt, target: CallTarget): JsonObject {
  return prompt.source.wire === 'openai-chat'
    ? applyTarget(forwardedBody(prompt.source.body), prompt, target)
    : encodeFromHub(prompt, target);
}

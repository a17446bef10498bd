import type { ContentPart, JsonObject, JsonValue, Message, Prompt, Sampling } from '@bourse/generation';
import type { CallTarget } from '../wire-format.ts';
import { isForwarded } from './fields.ts';

type Body = Record<string, JsonValue | undefined>;

/** The lower of what was asked for and what we could afford. */
function outputCap(prompt: Prompt, target: CallTarget): number | undefined {
  const caps = [prompt.outputTokensMax, target.outputTokensMax].filter((cap) => typeof cap === 'number');
  return caps.length > 0 ? Math.min(...caps) : undefined;
}

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

/** The client's own body, in its own order (a provider's prompt cache sees the order), less what is not for a provider. */
function encodeFromSource(prompt: Prompt, target: CallTarget): JsonObject {
  const body: Body = {};
  for (const field in prompt.source.body) {
    const value = prompt.source.body[field];
    // Null means absent, and some providers refuse it. A field named __proto__ would set a prototype here.
    if (value === null || value === undefined || field === '__proto__' || !isForwarded(field)) continue;
    body[field] = value;
  }
  return applyTarget(body, prompt, target);
}

function encodePart(part: ContentPart): JsonObject {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return { type: 'image_url', image_url: { url: part.url, ...(part.detail ? { detail: part.detail } : {}) } };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.base64, format: part.format } };
    case 'file':
      return {
        type: 'file',
        file: { ...(part.filename ? { filename: part.filename } : {}), file_data: part.fileData },
      };
  }
}

/** One text part is a plain string: every OpenAI-compatible server takes it, not every one takes a list. */
function encodeContent(content: readonly ContentPart[]): JsonValue {
  const [first] = content;
  if (!first) return '';
  return content.length === 1 && first.type === 'text' ? first.text : content.map(encodePart);
}

function encodeMessage(message: Message): JsonObject {
  const content = encodeContent(message.content);
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content };
  const name = message.name ? { name: message.name } : {};
  if (message.role !== 'assistant') return { role: message.role, content, ...name };
  const calls = message.toolCalls.map((call) => ({
    id: call.callId,
    type: 'function',
    function: { name: call.name, arguments: call.argumentsText },
  }));
  return {
    role: 'assistant',
    // OpenAI wants null, not "", beside tool calls.
    content: content === '' && calls.length > 0 ? null : content,
    ...(message.reasoning ? { reasoning: message.reasoning } : {}),
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
  return prompt.source.wire === 'openai-chat' ? encodeFromSource(prompt, target) : encodeFromHub(prompt, target);
}

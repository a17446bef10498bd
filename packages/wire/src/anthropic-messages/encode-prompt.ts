import type { JsonObject, JsonValue, Prompt, ToolDefinition } from '@bourse/generation';
import { outputCap } from '../request/decode-market.ts';
import type { CallTarget, UnsupportedFeature } from '../wire-format.ts';
import { limitMarks } from './cache-marks.ts';
import { type Block, encodeConversation, markOf, type Turn } from './encode-messages.ts';
import { forwardBody } from './forward-body.ts';
import { unreadable } from './media.ts';
import { type ToolNames, toolNames } from './names.ts';
import { adaptSchema } from './output-schema.ts';
import { encodeThinking, modelTraits, type Thinking } from './thinking.ts';

/** The cap that is named where nobody knows one: what every model of the API can write. */
const OUTPUT_TOKENS_UNKNOWN = 4096;
/** With thinking, a narrower choice of tokens is refused (extended thinking, read 2026-11). */
const TOP_P_MIN_WHILE_THINKING = 0.95;

/** The cap, which this dialect must have: as asked or affordable, never above what the endpoint can write. */
export function maxTokensFor(prompt: Prompt, target: CallTarget): number {
  const { endpointOutputTokensMax: most } = target;
  const cap = outputCap(prompt, target) ?? most ?? OUTPUT_TOKENS_UNKNOWN;
  return most === null ? cap : Math.min(cap, most);
}

/** The schema of a tool's input must be an object's. */
function inputSchema({ parameters }: ToolDefinition): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} };
  return parameters['type'] === undefined ? { type: 'object', ...parameters } : parameters;
}

/** The tools; stubs of those that the history calls when there are none, because calls without tools are refused. */
function encodeTools({ tools, messages }: Prompt, names: ToolNames): Block[] {
  if (tools.length > 0) {
    return tools.map((tool) => ({
      name: names.sent(tool.name),
      ...(tool.description ? { description: tool.description } : {}),
      input_schema: inputSchema(tool),
      ...markOf(tool),
    }));
  }
  const called = messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls : []));
  const seen = [...new Set(called.map((call) => names.sent(call.name)))];
  return seen.map((name) => ({ name, input_schema: { type: 'object', properties: {} } }));
}

function encodeToolChoice(
  { tools, toolChoice, hasParallelToolCalls }: Prompt,
  names: ToolNames,
): JsonObject | undefined {
  if (tools.length === 0 || toolChoice?.type === 'none') return { type: 'none' };
  const isSerial = hasParallelToolCalls === false;
  if (toolChoice === undefined && !isSerial) return undefined;
  const serial = isSerial ? { disable_parallel_tool_use: true } : {};
  if (toolChoice?.type === 'tool') return { type: 'tool', name: names.sent(toolChoice.name), ...serial };
  return { type: toolChoice?.type === 'required' ? 'any' : 'auto', ...serial };
}

function encodeSampling({ sampling }: Prompt, model: string, { thinking }: Thinking): Block {
  const { temperature, topP, topK, stop } = sampling;
  const stops = stop?.filter((sequence) => sequence.trim() !== '') ?? [];
  const body: Block = stops.length > 0 ? { stop_sequences: stops } : {};
  if (modelTraits.isUnsampled(model)) return body;
  if (thinking !== undefined && thinking['type'] !== 'disabled') {
    if (topP !== undefined && topP >= TOP_P_MIN_WHILE_THINKING) body['top_p'] = topP;
    return body;
  }
  // The scale ends at 1 here.
  if (temperature !== undefined) body['temperature'] = Math.min(temperature, 1);
  if (topP !== undefined && !(temperature !== undefined && modelTraits.takesOneKnob(model))) body['top_p'] = topP;
  if (topK !== undefined && topK > 0) body['top_k'] = topK;
  return body;
}

function encodeOutputConfig(prompt: Prompt, model: string, { effort }: Thinking): JsonObject | undefined {
  const { responseFormat: format, verbosity } = prompt;
  const schema = format?.type === 'json_schema' ? format.schema : undefined;
  const wanted = effort ?? (modelTraits.isAdaptive(model) && verbosity ? verbosity.replace('xhigh', 'max') : undefined);
  if (schema === undefined && wanted === undefined) return undefined;
  return {
    ...(wanted === undefined ? {} : { effort: wanted }),
    ...(schema === undefined ? {} : { format: { type: 'json_schema', schema: adaptSchema(schema) } }),
  };
}

/** JSON without a schema has no word of its own: the model is told. */
function jsonInstruction({ responseFormat: format }: Prompt): Block[] {
  const isFree = format?.type === 'json_object' || (format?.type === 'json_schema' && format.schema === undefined);
  return isFree ? [{ type: 'text', text: 'Answer with one JSON object and nothing else.' }] : [];
}

/** One block without a mark is a plain string. */
function encodeSystem(blocks: readonly Block[]): JsonValue | undefined {
  const [first] = blocks;
  if (first === undefined) return undefined;
  return blocks.length === 1 && first['cache_control'] === undefined ? first['text'] : blocks;
}

function encodeMessages(turns: readonly Turn[]): { role: string; content: Block[] }[] {
  return turns.map(({ role, blocks }) => ({ role, content: blocks }));
}

/** From the hub, for a client that spoke another dialect. */
function encodeFromHub(prompt: Prompt, target: CallTarget): JsonObject {
  const names = toolNames(prompt);
  const { upstreamModel: model } = target;
  const maxTokens = maxTokensFor(prompt, target);
  const conversation = encodeConversation(prompt.messages, names);
  const system = [...conversation.system, ...jsonInstruction(prompt)];
  const tools = encodeTools(prompt, names);
  const content = conversation.turns.flatMap((turn) => turn.blocks);
  limitMarks({ tools, system, content }, { hasOwn: prompt.cache !== undefined });
  const messages = encodeMessages(conversation.turns);
  const thinking = encodeThinking(prompt, { model, maxTokens, messages });
  const all: Block = {
    model,
    max_tokens: maxTokens,
    system: encodeSystem(system),
    messages,
    tools: tools.length > 0 ? tools : undefined,
    tool_choice: tools.length > 0 ? encodeToolChoice(prompt, names) : undefined,
    thinking: thinking.thinking,
    output_config: encodeOutputConfig(prompt, model, thinking),
    ...encodeSampling(prompt, model, thinking),
    ...markOf(prompt),
    metadata: prompt.endUser ? { user_id: prompt.endUser } : undefined,
    stream: target.isStreamed ? true : undefined,
  };
  const body: Block = {};
  for (const field in all) if (all[field] !== undefined) body[field] = all[field];
  return body;
}

/**
 * The body for a provider. A client of the same dialect has its own body forwarded. For others what this dialect has no word for and the
 * contract allows to drop is dropped: seeds, penalties, biases, names of speakers, service tiers of another family.
 */
export function encodePrompt(prompt: Prompt, target: CallTarget): JsonObject {
  return prompt.source.wire === 'anthropic-messages'
    ? forwardBody(prompt, target.upstreamModel, {
        maxTokens: maxTokensFor(prompt, target),
        isStreamed: target.isStreamed,
      })
    : encodeFromHub(prompt, target);
}

/** What the prompt asks for and Anthropic's API has no words for. */
export function lacks(prompt: Prompt): UnsupportedFeature | null {
  if (prompt.source.wire === 'anthropic-messages') return null;
  if (prompt.hasNativeTools) return 'native_tools';
  if (prompt.choiceCount > 1) return 'several_choices';
  if (prompt.sampling.logprobs === true || (prompt.sampling.topLogprobs ?? 0) > 0) return 'logprobs';
  for (const modality of prompt.outputModalities ?? []) {
    if (modality === 'image') return 'image_output';
    if (modality === 'audio') return 'audio_output';
  }
  for (const message of prompt.messages) {
    // What a model drew or said in an earlier turn is not shown to another family.
    if (message.role === 'assistant') continue;
    for (const part of message.content) {
      const lacking = unreadable(part);
      if (lacking !== null) return lacking;
    }
  }
  return null;
}

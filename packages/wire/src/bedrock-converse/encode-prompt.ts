import type { JsonObject, JsonValue, Prompt } from '@bourse/generation';
import { outputCap } from '../request/decode-market.ts';
import { type ToolNames, toolNamesOf } from '../request/tool-names.ts';
import type { CallTarget } from '../wire-format.ts';
import { type AnswerForm, answerFormOf } from './answer-form.ts';
import { markCachePoints } from './cache-points.ts';
import { encodeTools, oneCallOnly, type Tools } from './encode-tools.ts';
import { encodeTurns } from './encode-turns.ts';
import type { ConverseTraits } from './model-traits.ts';
import { type Thinking, thinkingOf } from './thinking.ts';

/** The object without its undefined members; undefined when nothing is left. */
function compact(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** Temperature ends at 1 for Claude; it takes only one of the two knobs, or neither; and none of them while it thinks. */
function claudeSampling({ sampling }: Prompt, traits: ConverseTraits, isThinking: boolean): JsonObject {
  if (traits.sampling === 'none' || isThinking) return {};
  const { topP, topK } = sampling;
  const temperature = sampling.temperature === undefined ? undefined : Math.min(sampling.temperature, 1);
  const isOne = traits.sampling === 'one' && temperature !== undefined;
  return { temperature, topP: isOne ? undefined : topP, topK };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html, read 2026-11. */
function inferenceConfig(
  prompt: Prompt,
  knobs: JsonObject,
  outputTokensMax: number | undefined,
): JsonObject | undefined {
  const stops = prompt.sampling.stop?.filter((stop) => stop.trim() !== '') ?? [];
  return compact({
    maxTokens: outputTokensMax,
    temperature: knobs['temperature'],
    topP: knobs['topP'],
    stopSequences: stops.length > 0 ? stops : undefined,
  });
}

/** What Converse has no field for goes to the model as it is: only fields that its family is known to read. */
function modelFields(
  topK: JsonValue | undefined,
  thinking: Thinking,
  { prompt, traits, tools }: Parts,
): JsonObject | undefined {
  const isClaude = traits.family === 'claude';
  const oneCall = isClaude && tools !== null && prompt.hasParallelToolCalls === false ? oneCallOnly(tools) : {};
  return compact({
    ...thinking.fields,
    top_k: isClaude ? topK : undefined,
    inferenceConfig: traits.family === 'nova' && topK !== undefined ? { topK } : undefined,
    ...oneCall,
  });
}

interface Parts {
  readonly prompt: Prompt;
  readonly traits: ConverseTraits;
  readonly names: ToolNames;
  readonly form: AnswerForm;
  readonly tools: Tools | null;
}

function encodeConversation({ prompt, traits, names, form, tools }: Parts) {
  const written = encodeTurns(prompt, {
    names,
    hasTools: tools !== null,
    readsReasoning: traits.family === 'claude',
  });
  const inWords = form.kind === 'words' ? [{ block: { text: form.text } }] : [];
  return markCachePoints({ ...written, system: [...written.system, ...inWords] }, tools, {
    prompt,
    areAllowed: traits.hasCachePoints,
    areAllowedInTools: traits.family === 'claude',
  });
}

/**
 * The body of `POST /model/<id>/converse(-stream)` (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html, read
 * 2026-11). The model and streaming are in the path. Nothing is passed on that neither Converse nor the model's family documents: both
 * refuse what they do not know.
 */
export function encodePrompt(prompt: Prompt, target: CallTarget, traits: ConverseTraits): JsonObject {
  const names = toolNamesOf(prompt);
  const form = answerFormOf(prompt, traits);
  const tools = encodeTools(prompt, form, { names, traits });
  const parts = { prompt, traits, names, form, tools };
  const thinking = thinkingOf(prompt, traits, { target, isCallForced: tools?.isCallForced === true });
  const { temperature, topP, topK } = prompt.sampling;
  const knobs =
    traits.family === 'claude' ? claudeSampling(prompt, traits, thinking.isOn) : compact({ temperature, topP, topK });
  const marked = encodeConversation(parts);
  const body = compact({
    system: marked.system.length > 0 ? marked.system : undefined,
    messages: marked.messages,
    inferenceConfig: inferenceConfig(prompt, knobs ?? {}, thinking.outputTokensMax ?? outputCap(prompt, target)),
    toolConfig: tools === null ? undefined : compact({ tools: marked.tools, toolChoice: tools.choice }),
    outputConfig: form.kind === 'output_config' ? form.config : undefined,
    additionalModelRequestFields: modelFields(knobs?.['topK'], thinking, parts),
  });
  return body ?? {};
}

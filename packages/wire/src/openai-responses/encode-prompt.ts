import { isJsonObject, type JsonObject, type JsonValue, type Prompt, type ReasoningFormat } from '@bourse/generation';
import { forwardedBody, outputCap } from '../request/decode-market.ts';
import type { CallTarget } from '../wire-format.ts';
import { encodeInput } from './encode-items.ts';
import { tidyItems } from './tidy-items.ts';

type Body = Record<string, JsonValue | undefined>;

const ENCRYPTED = 'reasoning.encrypted_content';
const LOGPROBS = 'message.output_text.logprobs';

function included(asked: JsonValue | undefined, more: readonly string[]): readonly JsonValue[] {
  const listed: readonly JsonValue[] = Array.isArray(asked) ? asked : [];
  return [...new Set([...listed, ...more])];
}

/** OpenRouter's words in `reasoning`; whatever else a client of the dialect says there is the provider's business. */
const MARKET_REASONING: ReadonlySet<string> = new Set(['enabled', 'max_tokens', 'exclude', 'generate_summary']);

function ownReasoning({ source }: Prompt): Body {
  const { reasoning } = source.body;
  if (source.wire !== 'openai-responses' || !isJsonObject(reasoning)) return {};
  const known = ([field, value]: [string, JsonValue | undefined]) => value !== null && !MARKET_REASONING.has(field);
  return Object.fromEntries(Object.entries(reasoning).filter(known));
}

/** The dialect has words for an effort and a summary; a token budget is dropped. */
function encodeReasoning(prompt: Prompt): JsonObject | undefined {
  if (!prompt.reasoning) return undefined;
  const { effort, summary, isExcluded } = prompt.reasoning;
  const isOwn = prompt.source.wire === 'openai-responses';
  // Clients of other dialects are shown what a model thinks without asking for a summary, and here nothing else can be shown.
  const shown = summary ?? (isOwn || isExcluded || effort === 'none' ? undefined : 'auto');
  const encoded = { ...ownReasoning(prompt), ...(effort ? { effort } : {}), ...(shown ? { summary: shown } : {}) };
  return Object.keys(encoded).length === 0 ? undefined : encoded;
}

/** What is ours to decide: model, streaming, the cap, and that nothing is ever stored or referred to. */
function applyTarget(body: Body, prompt: Prompt, target: CallTarget): JsonObject {
  body['model'] = target.upstreamModel;
  const cap = outputCap(prompt, target);
  if (cap !== undefined) body['max_output_tokens'] = cap;
  const reasoning = encodeReasoning(prompt);
  if (reasoning) body['reasoning'] = reasoning;
  // All our customers are one customer there: what is stored for one could be read by another.
  body['store'] = false;
  body['include'] = included(body['include'], [ENCRYPTED]);
  delete body['stream'];
  if (target.isStreamed) body['stream'] = true;
  else delete body['stream_options'];
  return body;
}

/** Text that a client of the dialect sent. Fields that it takes from OpenRouter, and not from OpenAI, stay behind. */
function encodeOwn({ source }: Prompt, family: ReasoningFormat): Body {
  const body = forwardedBody(source.body);
  for (const field of ['background', 'truncation', 'modalities', 'top_k', 'frequency_penalty', 'presence_penalty']) {
    delete body[field];
  }
  const { input } = body;
  if (Array.isArray(input)) body['input'] = tidyItems(input, family);
  const { max_tool_calls: callsMax } = source.body;
  if (typeof callsMax === 'number') body['max_tool_calls'] = callsMax;
  return body;
}

function encodeFormat(format: Prompt['responseFormat']): JsonObject | undefined {
  if (format?.type !== 'json_schema') return format;
  return {
    type: 'json_schema',
    name: format.name,
    schema: format.schema ?? {},
    ...(format.description ? { description: format.description } : {}),
    strict: format.isStrict ?? false,
  };
}

function encodeTools({ tools, toolChoice, hasParallelToolCalls }: Prompt): Body {
  return {
    tools:
      tools.length === 0
        ? undefined
        : tools.map((tool) => ({
            type: 'function',
            name: tool.name,
            ...(tool.description ? { description: tool.description } : {}),
            parameters: tool.parameters ?? { type: 'object', properties: {} },
            // Unsaid, it would be true here; everywhere else it is false.
            strict: tool.isStrict ?? false,
          })),
    tool_choice: toolChoice?.type === 'tool' ? { type: 'function', name: toolChoice.name } : toolChoice?.type,
    parallel_tool_calls: hasParallelToolCalls,
  };
}

/** From the hub, for a client that spoke another dialect. Sampling knobs without a word here are dropped. */
function encodeFromHub(prompt: Prompt, family: ReasoningFormat): Body {
  const { sampling, verbosity } = prompt;
  const format = encodeFormat(prompt.responseFormat);
  const text = { ...(format ? { format } : {}), ...(verbosity ? { verbosity } : {}) };
  const all: Body = {
    input: tidyItems(encodeInput(prompt.messages, family), family),
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_logprobs: sampling.logprobs ? sampling.topLogprobs : undefined,
    include: sampling.logprobs ? [LOGPROBS] : undefined,
    ...encodeTools(prompt),
    text: Object.keys(text).length > 0 ? text : undefined,
    prompt_cache_key: prompt.promptCacheKey,
    service_tier: prompt.serviceTier,
    user: prompt.endUser,
  };
  const body: Body = {};
  for (const field in all) if (all[field] !== undefined) body[field] = all[field];
  return body;
}

/**
 * The body for a provider. A client of the same dialect has its own body forwarded, its items put in order; nothing is ever stored, and
 * what a model thought always comes back encrypted, because nobody else could keep it. `family` is whose reasoning the provider reads.
 */
export function encodePrompt(prompt: Prompt, target: CallTarget, family: ReasoningFormat): JsonObject {
  const body = prompt.source.wire === 'openai-responses' ? encodeOwn(prompt, family) : encodeFromHub(prompt, family);
  return applyTarget(body, prompt, target);
}

import { isJsonObject, type JsonObject, type JsonValue, type Prompt, type ReasoningRequest } from '@bourse/generation';
import { effortShares } from '../request/effort-shares.ts';

/** A budget below this is refused (https://docs.claude.com/en/docs/build-with-claude/extended-thinking, read 2026-11). */
const BUDGET_MIN = 1024;
/** OpenRouter's bound (https://openrouter.ai/docs/use-cases/reasoning-tokens, read 2026-11). */
const BUDGET_MAX = 128_000;

type Effort = Exclude<ReasoningRequest['effort'], undefined | 'none'>;

/** Anthropic's words for effort, which are fewer; the first of a ratio is the one that is meant by it. */
const WORDS: Readonly<Record<Effort, string>> = {
  max: 'max',
  xhigh: 'max',
  high: 'high',
  medium: 'medium',
  low: 'low',
  minimal: 'low',
};

const ADAPTIVE = /claude-(?:[a-z]+-)?(?:4[-.](?:[6-9]|[1-9]\d)(?!\d)|[5-9](?!\d))/;
const UNSAMPLED = /claude-(?:[a-z]+-)?(?:4[-.](?:[7-9]|[1-9]\d)(?!\d)|[5-9](?!\d))/;
const ONE_KNOB = /claude-[a-z]+-[4-9]/;

/** What is known of a model by its name. Other names are taken for older models, which is what servers that imitate the API imitate. */
export const modelTraits = {
  /** Thinks as much as it finds fit, guided by an effort; budgets are for older models (Claude 4.6 on; adaptive thinking, read 2026-11). */
  isAdaptive: (model: string) => ADAPTIVE.test(model),
  /** Refuses temperature, top_p and top_k (Claude 4.7 on; migration guide, read 2026-11). */
  isUnsampled: (model: string) => UNSAMPLED.test(model),
  /** Takes temperature or top_p, not both (Claude 4 on; migration guide, read 2026-11). */
  takesOneKnob: (model: string) => ONE_KNOB.test(model),
};

/** A thinking budget below the output cap; null when the cap leaves no room for one. */
export function fitBudget(wanted: number, maxTokens: number): number | null {
  if (maxTokens <= BUDGET_MIN) return null;
  return Math.max(Math.min(wanted, BUDGET_MAX, maxTokens - 1), BUDGET_MIN);
}

function budgetFor({ effort, tokensMax }: ReasoningRequest, maxTokens: number): number | null {
  const ratio = effort === undefined || effort === 'none' ? effortShares.medium : effortShares[effort];
  return fitBudget(tokensMax ?? Math.floor(maxTokens * ratio), maxTokens);
}

/** The effort whose share comes nearest to a budget. */
function nearestEffort(tokensMax: number, maxTokens: number): Effort {
  const share = tokensMax / maxTokens;
  const efforts: readonly Effort[] = ['low', 'medium', 'high', 'max'];
  return efforts.reduce((best, effort) =>
    Math.abs(effortShares[effort] - share) < Math.abs(effortShares[best] - share) ? effort : best,
  );
}

function effortFor({ effort, tokensMax }: ReasoningRequest, maxTokens: number): string | null {
  if (tokensMax !== undefined) return WORDS[nearestEffort(tokensMax, maxTokens)];
  return effort === undefined || effort === 'none' ? null : WORDS[effort];
}

/** A message of the API, as far as it matters here. */
interface Said {
  readonly role?: JsonValue | undefined;
  readonly content?: JsonValue | undefined;
}

function typesIn(content: JsonValue | undefined): readonly (JsonValue | undefined)[] {
  return Array.isArray(content) ? content.map((block: JsonValue) => (isJsonObject(block) ? block['type'] : null)) : [];
}

/**
 * False where a model with a budget may not think: it is to go on from a beginning, or with calls whose thoughts are not there (they were
 * made by a model of another family, or by a client that dropped them).
 */
export function mayThink(messages: readonly Said[]): boolean {
  const last = messages.at(-1);
  if (last?.role === 'assistant') return false;
  if (!typesIn(last?.content).includes('tool_result')) return true;
  const called = messages.findLast((message) => message.role === 'assistant');
  return ['thinking', 'redacted_thinking'].includes(`${typesIn(called?.content)[0] ?? ''}`);
}

/** How a request asks a model to think. */
export interface Thinking {
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

/** Anthropic's words for a request to think; empty where none is made or none can be granted. */
export function encodeThinking(
  { reasoning, toolChoice }: Pick<Prompt, 'reasoning' | 'toolChoice'>,
  target: { readonly model: string; readonly maxTokens: number; readonly messages: readonly Said[] },
): Thinking {
  if (reasoning === undefined) return {};
  if (reasoning.effort === 'none') return { thinking: { type: 'disabled' } };
  // Thinking and a forced call exclude one another there; the choice of a tool is what the client can see.
  if (toolChoice?.type === 'required' || toolChoice?.type === 'tool') return {};
  const { model, maxTokens, messages } = target;
  if (modelTraits.isAdaptive(model)) {
    const effort = effortFor(reasoning, maxTokens);
    // The words of thoughts come only when they are asked for (Claude 4.7 on; extended thinking, read 2026-11).
    const display = reasoning.isExcluded ? 'omitted' : 'summarized';
    return { thinking: { type: 'adaptive', display }, ...(effort === null ? {} : { effort }) };
  }
  const budget = mayThink(messages) ? budgetFor(reasoning, maxTokens) : null;
  return budget === null ? {} : { thinking: { type: 'enabled', budget_tokens: budget } };
}

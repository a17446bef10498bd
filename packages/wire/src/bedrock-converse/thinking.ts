import type { JsonObject, Prompt, ReasoningDetail, ReasoningRequest } from '@bourse/generation';
import { outputCap } from '../request/decode-market.ts';
import { effortShares } from '../request/effort-shares.ts';
import type { CallTarget } from '../wire-format.ts';
import type { ConverseTraits } from './model-traits.ts';

/** What a model is told about thinking. `isOn` is what the rest of the request has to respect. */
export interface Thinking {
  readonly fields: JsonObject;
  readonly isOn: boolean;
  /** Thinking counts against the output: a budget needs a cap above it. Undefined: as asked. */
  readonly outputTokensMax?: number;
}

type Effort = NonNullable<ReasoningRequest['effort']>;

/** The smallest budget (https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html, read 2026-11). */
const BUDGET_MIN = 1024;
/** Where neither the request nor the catalog says how long an answer may be. */
const OUTPUT_TOKENS_GUESS = 16_384;

const SILENT: Thinking = { fields: {}, isOn: false };

type ClaudeThought =
  | Extract<ReasoningDetail, { type: 'encrypted' }>
  | (Extract<ReasoningDetail, { type: 'text' }> & { signature: string });

/** Thoughts that Claude can read again: its own, signed or encrypted. Unsigned or foreign ones would be refused. */
export function isReadAgain(detail: ReasoningDetail): detail is ClaudeThought {
  if (detail.format !== 'anthropic-claude-v1') return false;
  return detail.type === 'encrypted' || (detail.type === 'text' && detail.signature !== undefined);
}

function effortOf({ effort, tokensMax }: ReasoningRequest, outputTokensMax: number): Effort {
  if (effort !== undefined) return effort;
  if (tokensMax === undefined) return 'medium';
  const share = tokensMax / outputTokensMax;
  return share > effortShares.medium ? 'high' : share > effortShares.low ? 'medium' : 'low';
}

/**
 * Claude with a budget wants a thought before the calls that it is in the middle of; a loop that began without one (with another model, or
 * with a client that drops thoughts) has to end without.
 */
function isLoopThoughtless({ messages }: Prompt): boolean {
  const from = messages.findLastIndex(({ role }) => role === 'user');
  return messages.slice(from + 1).some((message) => {
    if (message.role !== 'assistant' || message.toolCalls.length === 0) return false;
    return !message.reasoning.some(isReadAgain);
  });
}

function withBudget(prompt: Prompt, request: ReasoningRequest, target: CallTarget): Thinking {
  const disabled: Thinking = { fields: { thinking: { type: 'disabled' } }, isOn: false };
  const cap = outputCap(prompt, target);
  const room = cap ?? target.endpointOutputTokensMax ?? OUTPUT_TOKENS_GUESS;
  if (request.effort === 'none' || room <= BUDGET_MIN || isLoopThoughtless(prompt)) return disabled;
  const wanted = request.tokensMax ?? Math.floor(room * effortShares[request.effort ?? 'medium']);
  const budget = Math.min(Math.max(wanted, BUDGET_MIN), room - 1);
  return { fields: { thinking: { type: 'enabled', budget_tokens: budget } }, isOn: true, outputTokensMax: room };
}

/** The newer models decide by themselves how long to think; `display` makes those tell what they thought that keep it to themselves. */
function withEffort(effort: Effort, { sampling }: ConverseTraits): Thinking {
  if (effort === 'none') return { fields: { thinking: { type: 'disabled' } }, isOn: false };
  const isNewest = sampling === 'none';
  const scale: Readonly<Partial<Record<Effort, string>>> = { minimal: 'low', xhigh: isNewest ? 'xhigh' : 'high' };
  const thinking = { type: 'adaptive', ...(isNewest ? { display: 'summarized' } : {}) };
  return { fields: { thinking, output_config: { effort: scale[effort] ?? effort } }, isOn: true };
}

/** Nova 2 at its highest effort refuses a cap, and without a cap nobody can say what an answer may cost. */
function asNova(effort: Effort): Thinking {
  if (effort === 'none') return { fields: { reasoningConfig: { type: 'disabled' } }, isOn: false };
  const maxReasoningEffort = effort === 'low' || effort === 'minimal' ? 'low' : 'medium';
  return { fields: { reasoningConfig: { type: 'enabled', maxReasoningEffort } }, isOn: true };
}

function asBareEffort(effort: Effort): Thinking {
  const scale: Readonly<Partial<Record<Effort, string>>> = {
    none: 'low',
    minimal: 'low',
    low: 'low',
    medium: 'medium',
  };
  return { fields: { reasoning_effort: scale[effort] ?? 'high' }, isOn: true };
}

/**
 * The fields for `additionalModelRequestFields`, by the model's family. `isCallForced`: Claude refuses to think before a call that it is
 * forced to make, and what the client forces counts more than what it wishes.
 */
export function thinkingOf(
  prompt: Prompt,
  traits: ConverseTraits,
  { target, isCallForced }: { readonly target: CallTarget; readonly isCallForced: boolean },
): Thinking {
  const { reasoning } = prompt;
  if (reasoning === undefined || traits.thinking === 'none') return SILENT;
  const room = outputCap(prompt, target) ?? target.endpointOutputTokensMax ?? OUTPUT_TOKENS_GUESS;
  const effort = effortOf(reasoning, room);
  switch (traits.thinking) {
    case 'budget':
      return withBudget(prompt, isCallForced ? { effort: 'none' } : reasoning, target);
    case 'adaptive':
      return withEffort(isCallForced ? 'none' : effort, traits);
    case 'nova':
      return asNova(effort);
    case 'effort':
      return asBareEffort(effort);
  }
}

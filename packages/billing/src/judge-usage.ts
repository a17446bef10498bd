import type { Endpoint } from '@bourse/catalog';
import { type Meter, meters, type Prompt, type Usage, unitMeters, usageTotals } from '@bourse/generation';
import type { UsageState } from './charge-rules.ts';
import { strictInputTokens } from './input-bound.ts';
import { isPricedByUnit, priceLinesFor } from './price-lines.ts';

/** A provider's counts, and what is needed to tell whether they can be true. */
export interface UsageReport {
  readonly usage: Usage | null;
  /** Numbers came that were none: negative, fractional, NaN, parts larger than their whole. The decoder does not pass them on. */
  readonly isUnreadable: boolean;
  /** No output has passed since the report. */
  readonly isCurrent: boolean;
  /** UTF-8 bytes of the output that passed: text, reasoning, arguments of tools. */
  readonly outputBytes: number;
  readonly prompt: Prompt;
  readonly endpoint: Endpoint;
  /** The output cap per alternative that the provider was told; null when it was told none. */
  readonly outputTokensMax: number | null;
}

/** Hidden instructions that a provider may add to a prompt: more than the longest that is publicly known. */
const HIDDEN_TOKENS_MAX = 4_096;
/** Names of tools, end marks and other output tokens that leave no text, per alternative. */
const UNSEEN_OUTPUT_TOKENS_MAX = 1_024;

function isCount(count: number | undefined): boolean {
  return count === undefined || (Number.isSafeInteger(count) && count >= 0);
}

/** What a provider reads from elsewhere cannot be measured by the prompt: searches, files by URL, fields that we do not know. */
function readsMoreThanPrompt({ prompt, usage }: UsageReport): boolean {
  return (
    (usage?.web_search ?? 0) > 0 ||
    prompt.parameters.includes('web_search_options') ||
    Object.keys(prompt.extensions).length > 0 ||
    prompt.messages.some((message) => message.content.some((part) => part.type === 'file' || part.type === 'audio'))
  );
}

function inputTokensMax(report: UsageReport): number {
  const { endpoint, prompt } = report;
  if (readsMoreThanPrompt(report)) return endpoint.contextTokensMax;
  return Math.min(endpoint.contextTokensMax, strictInputTokens(prompt, endpoint) + HIDDEN_TOKENS_MAX);
}

const hiddenOutput = ['output_reasoning', 'output_audio', 'output_image'] as const satisfies readonly Meter[];

/** A token is at least a byte, so what was asked for or what was seen bounds the output, unless some of it cannot be seen. */
function outputTokensMax({ endpoint, prompt, outputTokensMax: cap, outputBytes, usage }: UsageReport): number {
  const contexts = endpoint.contextTokensMax * prompt.choiceCount;
  const isHidden = prompt.reasoning !== undefined || hiddenOutput.some((meter) => (usage?.[meter] ?? 0) > 0);
  if (cap === null || isHidden) return contexts;
  const bound = Math.max(cap * prompt.choiceCount, outputBytes) + UNSEEN_OUTPUT_TOKENS_MAX * prompt.choiceCount;
  return Math.min(contexts, bound);
}

/**
 * The counts of an operation: within what was asked for, and with something in them that its model is sold by. What was not counted in
 * the unit of the price is unknown.
 */
function judgeOperation(usage: Usage, { endpoint, prompt }: UsageReport): UsageState {
  const { inputTokens, outputTokens } = usageTotals(usage);
  const isTooMuch = unitMeters.some((meter) => (usage[meter] ?? 0) > (prompt.units?.[meter] ?? 0));
  const outputMax =
    Math.min(endpoint.outputTokensMax ?? endpoint.contextTokensMax, endpoint.contextTokensMax) * prompt.choiceCount;
  const inputMax = strictInputTokens(prompt, endpoint);
  if (isTooMuch || inputTokens > inputMax || outputTokens > outputMax) return 'absurd';
  const isCounted = isPricedByUnit(endpoint.prices)
    ? priceLinesFor(endpoint.prices, { ...usage, request: 0 }).length > 0
    : inputTokens > 0;
  return isCounted ? 'final' : 'none';
}

/**
 * Whether a provider's counts can be the basis of a charge. Absurd: no integers, or more than the context, the prompt or the answer can
 * hold. Zero where there was something to count is unknown, not free: such a report is `partial`, like one that output came after.
 */
export function judgeUsage(report: UsageReport): UsageState {
  const { usage } = report;
  if (usage === null) return report.isUnreadable ? 'absurd' : 'none';
  if (!meters.every((meter) => isCount(usage[meter]))) return 'absurd';
  if (report.prompt.operation !== undefined) return judgeOperation(usage, report);
  const { inputTokens, outputTokens } = usageTotals(usage);
  if (inputTokens > inputTokensMax(report) || outputTokens > outputTokensMax(report)) return 'absurd';
  const isZero = inputTokens === 0 || (outputTokens === 0 && report.outputBytes > 0);
  return isZero || !report.isCurrent ? 'partial' : 'final';
}

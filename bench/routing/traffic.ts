import type { Prompt } from '@bourse/generation';
import type { SimulatedModel } from './market.ts';
import { exponential, logNormal, randomOf } from './random.ts';

/** One request of the simulated traffic. */
export interface SimulatedRequest {
  readonly index: number;
  readonly arrivesAtMs: number;
  readonly prompt: Prompt;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Its answer breaks off, whoever gives it. */
  readonly isCut: boolean;
}

const BYTES_PER_TOKEN = 4;
const INPUT_TOKENS_MEDIAN = 600;
const OUTPUT_TOKENS_MEDIAN = 200;
const TOKENS_MAX = 16_000;
/** Of the answers that began, the share that breaks off for no reason that could be known. */
const CUT_SHARE = 0.0002;

function promptOf(model: string, inputTokens: number): Prompt {
  return {
    model,
    modelFallbacks: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'simulated' }] }],
    tools: [],
    sampling: {},
    choiceCount: 1,
    isStreamed: true,
    outputTokensMax: TOKENS_MAX,
    preferences: {},
    parameters: [],
    inputBytes: inputTokens * BYTES_PER_TOKEN,
    source: { wire: 'openai-chat', body: {} },
    extensions: {},
  };
}

function pick(models: readonly SimulatedModel[], drawn: number): string {
  let left = drawn;
  for (const { slug, share } of models) {
    left -= share;
    if (left < 0) return slug;
  }
  return models[0]?.slug ?? '';
}

function tokens(median: number, draw: () => number): number {
  return Math.min(Math.max(Math.round(logNormal(median, 1, draw)), 1), TOKENS_MAX);
}

/** Requests in the order of time, the same for every policy: arrivals are independent of one another, sizes have long tails. */
export function* trafficOf(
  models: readonly SimulatedModel[],
  options: { readonly seed: number; readonly count: number; readonly durationMs: number },
): Generator<SimulatedRequest> {
  const { seed, count, durationMs } = options;
  const draw = randomOf(seed ^ 0x5f37_59df);
  let arrivesAtMs = 0;
  for (let index = 0; index < count; index += 1) {
    arrivesAtMs += exponential(durationMs / count, draw);
    const model = pick(models, draw());
    const inputTokens = tokens(INPUT_TOKENS_MEDIAN, draw);
    const outputTokens = tokens(OUTPUT_TOKENS_MEDIAN, draw);
    const isCut = draw() < CUT_SHARE;
    yield { index, arrivesAtMs, prompt: promptOf(model, inputTokens), inputTokens, outputTokens, isCut };
  }
}

import type { EndpointQuality } from './health.ts';

/** How well an endpoint calls tools beside the others of its model: 0 well, 1 nobody knows, 2 badly. */
export type QualityTier = 0 | 1 | 2;

/** What an endpoint's quality is judged by. */
export interface Judged {
  readonly providerSlug: string;
  readonly quality: EndpointQuality;
}

/** Bounds of OpenRouter's "Auto Exacto" (reference: its guide, 2026-08). */
const PROVIDERS_MIN = 4;
const ATTEMPTS_MIN = 100;
const TOOL_ANSWERS_MIN = 200;
const THROUGHPUT_SIGMAS = 1.5;
const TOOL_SUCCESS_SIGMAS = 2;
/** Our own: where nearly all are equal, the spread is nearly nothing, and a difference that nobody would notice is no reason. */
const TOOL_SUCCESS_SIGMA_MIN = 0.01;
const THROUGHPUT_SIGMA_MIN_SHARE = 0.05;
/** Makes the median of absolute deviations an estimate of a normal distribution's sigma. */
const MAD_TO_SIGMA = 1.4826;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** The lowest value that still counts as good. */
function floorOf(values: readonly number[], sigmas: number, sigmaMin: (median: number) => number): number {
  if (values.length === 0) return Number.NEGATIVE_INFINITY;
  const middle = median(values);
  const sigma = MAD_TO_SIGMA * median(values.map((value) => Math.abs(value - middle)));
  return middle - sigmas * Math.max(sigma, sigmaMin(middle));
}

function isKnown({ attempts, toolAnswers }: EndpointQuality): boolean {
  return attempts >= ATTEMPTS_MIN && toolAnswers >= TOOL_ANSWERS_MIN;
}

/**
 * The tier of each endpoint of a model, in the order in which they are given; null when fewer than four providers have been measured enough
 * to say what is normal: at least 100 attempts in 30 minutes and 200 answers with tool calls in two hours.
 */
export function qualityTiers(endpoints: readonly Judged[]): readonly QualityTier[] | null {
  const known = endpoints.filter(({ quality }) => isKnown(quality));
  if (known.length < PROVIDERS_MIN || new Set(known.map(({ providerSlug }) => providerSlug)).size < PROVIDERS_MIN)
    return null;
  const speeds = known.map(({ quality }) => quality.tokensPerSecond).filter((speed) => speed !== null);
  const successes = known.map(({ quality }) => quality.toolSuccess).filter((success) => success !== null);
  const slowest = floorOf(speeds, THROUGHPUT_SIGMAS, (middle) => middle * THROUGHPUT_SIGMA_MIN_SHARE);
  const worst = floorOf(successes, TOOL_SUCCESS_SIGMAS, () => TOOL_SUCCESS_SIGMA_MIN);
  return endpoints.map(({ quality }) => {
    if (!isKnown(quality)) return 1;
    return (quality.tokensPerSecond ?? slowest) < slowest || (quality.toolSuccess ?? worst) < worst ? 2 : 0;
  });
}

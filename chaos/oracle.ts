import type { CatalogSnapshot, Endpoint } from '@bourse/catalog';
import { planAnswer } from './world/answer-plan.ts';

/** The markup that gateways of a chaos run are started with, in basis points: odd, so that rounding shows. */
export const MARKUP_BPS = 733;

function priceOf({ prices, id }: Endpoint, meters: readonly string[]): bigint {
  for (const meter of meters) {
    const line = prices.lines.find((each) => each.meter === meter && each.aboveInputTokens === 0);
    if (line !== undefined) return line.price;
  }
  throw new Error(`chaos: ${id} has no price for ${meters.join(' or ')}`);
}

/**
 * What a whole answer to this nonce costs at an endpoint, in nanodollars: computed here a second time, from the price sheet and what the
 * provider counted, so that a mistake in the product's own arithmetic is not checked against itself.
 */
export function expectedCharge(endpoint: Endpoint, nonce: string): bigint {
  const { prompt_tokens, completion_tokens, prompt_tokens_details } = planAnswer(nonce).usage;
  const cached = prompt_tokens_details.cached_tokens;
  const request = endpoint.prices.lines.find((line) => line.meter === 'request')?.price ?? 0n;
  const pico =
    BigInt(prompt_tokens - cached) * priceOf(endpoint, ['input']) +
    (cached > 0 ? BigInt(cached) * priceOf(endpoint, ['input_cache_read', 'input']) : 0n) +
    BigInt(completion_tokens) * priceOf(endpoint, ['output']) +
    request;
  const scaled = pico * BigInt(10_000 + (endpoint.markupBps ?? MARKUP_BPS));
  return (scaled + 9_999_999n) / 10_000_000n;
}

/** Every endpoint of a catalog by its id. */
export function endpointsById(catalog: CatalogSnapshot): ReadonlyMap<string, Endpoint> {
  return new Map([...catalog.endpointsByModel.values()].flat().map((endpoint) => [endpoint.id, endpoint]));
}

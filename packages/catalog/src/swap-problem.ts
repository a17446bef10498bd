import type { Meter } from '@bourse/generation';
import { picodollarsPerUnit } from '@bourse/money';
import type { CatalogSnapshot, Endpoint } from './types.ts';

const tokenMeters: ReadonlySet<Meter> = new Set<Meter>([
  'input',
  'input_cache_read',
  'input_cache_write',
  'input_cache_write_1h',
  'output',
  'output_reasoning',
]);

/** $10,000 per million tokens: sixteen times the dearest price that was ever asked ($600, o1-pro, 2025-03). */
const TOKEN_PRICE_MAX = picodollarsPerUnit(10_000_000_000n);
/** A market that loses more of its endpoints at once was damaged, not changed. */
const KEPT_SHARE_MIN = 0.5;

const endpointsOf = (catalog: CatalogSnapshot): readonly Endpoint[] => [...catalog.endpointsByModel.values()].flat();

function absurdPrice(endpoints: readonly Endpoint[]): string | null {
  for (const { id, prices } of endpoints) {
    const line = prices.lines.find(({ meter, price }) => tokenMeters.has(meter) && price > TOKEN_PRICE_MAX);
    if (line !== undefined) return `endpoint ${id} asks an absurd price for ${line.meter}`;
  }
  return null;
}

/**
 * Why a snapshot must not take the place of the one in force, in words for operators; null when it may. The last fence behind those of whoever
 * writes the catalog: it looks for damage (nothing left, more than half of the endpoints gone, prices that nobody ever asked), not for mistakes.
 */
export function swapProblem(current: CatalogSnapshot, next: CatalogSnapshot): string | null {
  const [before, after] = [endpointsOf(current), endpointsOf(next)];
  const left = new Set(after.map(({ id }) => id));
  const kept = before.filter(({ id }) => left.has(id)).length;
  if (before.length > 0 && kept < before.length * KEPT_SHARE_MIN)
    return `of ${before.length} endpoints ${before.length - kept} are gone`;
  return absurdPrice(after);
}

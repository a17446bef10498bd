import type { Facts } from './facts.ts';
import type { GenaiPrices } from './genai-prices.ts';
import type { PiLists } from './pi-ai.ts';

/** Everything that the extraction reads. */
export interface Sources {
  readonly pi: PiLists;
  /** `@earendil-works/pi-ai@1.5.2` and the day on which its lists were made. */
  readonly piVersion: { readonly package: string; readonly publishedOn: string };
  /** The packages that facts come from, with the days on which they were published. */
  readonly packages: readonly { readonly package: string; readonly checkedOn: string }[];
  readonly genai: GenaiPrices;
  readonly facts: ReadonlyMap<string, Facts>;
  readonly defaults: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

import { dearestPrice } from '@bourse/billing';
import type { CatalogSnapshot, Endpoint, Model, ServiceTier } from '@bourse/catalog';
import type { Meter } from '@bourse/generation';
import type { PicodollarsPerUnit } from '@bourse/money';
import { blendedPrice } from './price.ts';
import type { Exclusion, ExclusionReason } from './types.ts';

/** What every plan asks of an endpoint, found out once per snapshot. */
export class EndpointFacts {
  readonly endpoint: Endpoint;
  /** In small letters. */
  readonly providerSlug: string;
  /** In small letters, as people read it. */
  readonly providerName: string;
  /** In small letters. */
  readonly tag: string;
  readonly tier: ServiceTier;
  readonly parameters: ReadonlySet<string>;
  readonly isZeroPriced: boolean;
  /** What is read from the provider's cache costs less than what is read anew. */
  readonly isCacheCheaper: boolean;
  readonly isSandbox: boolean;
  readonly #isFlat: boolean;
  #exclusion: Exclusion | null = null;
  readonly #prices = new Map<Meter, PicodollarsPerUnit | null>();
  #markupBps = -1;
  #blended = 0;

  constructor(endpoint: Endpoint, { providers }: CatalogSnapshot) {
    const provider = providers.get(endpoint.providerSlug);
    const parameters = new Set(endpoint.supportedParameters);
    // A provider that takes one of the two names of the output limit takes the other: the encoder picks the right one.
    if (parameters.has('max_tokens')) parameters.add('max_completion_tokens');
    const read = dearestPrice(endpoint.prices, 'input_cache_read', 0);
    const input = dearestPrice(endpoint.prices, 'input', 0);
    this.endpoint = endpoint;
    this.providerSlug = endpoint.providerSlug.toLowerCase();
    this.providerName = (provider?.name ?? endpoint.providerSlug).toLowerCase();
    this.tag = endpoint.tag.toLowerCase();
    this.tier = endpoint.serviceTier;
    this.parameters = parameters;
    this.isZeroPriced = endpoint.prices.lines.every((line) => line.price === 0n);
    this.isCacheCheaper = read !== null && input !== null && read < input;
    this.isSandbox = provider?.isSandbox ?? false;
    this.#isFlat = endpoint.prices.lines.every((line) => line.aboveInputTokens === 0);
  }

  /** That it was left out. The last is kept, because requests are alike and plans leave out far more endpoints than they keep. */
  excluded(reason: ExclusionReason, feature?: string): Exclusion {
    const last = this.#exclusion;
    if (last !== null && last.reason === reason && feature === undefined) return last;
    const { id: endpointId, modelSlug, providerSlug } = this.endpoint;
    const exclusion = { endpointId, modelSlug, providerSlug, reason };
    if (feature !== undefined) return { ...exclusion, feature };
    this.#exclusion = exclusion;
    return exclusion;
  }

  /** See `blendedPrice`; a market has few markups, so that the last is kept. */
  blendedPrice(markupBps: number): number {
    if (markupBps !== this.#markupBps) {
      this.#blended = blendedPrice(this.endpoint.prices, markupBps);
      this.#markupBps = markupBps;
    }
    return this.#blended;
  }

  /** The highest price of a meter that is sold by itself and not as so many tokens of input; null where it is not. */
  ownPrice(meter: Meter): PicodollarsPerUnit | null {
    let dearest: PicodollarsPerUnit | null = null;
    for (const line of this.endpoint.prices.lines) {
      if (line.meter === meter && (dearest === null || line.price > dearest)) dearest = line.price;
    }
    return dearest;
  }

  /** The highest price that a meter reaches for so many input tokens; null for what has no price. */
  dearestPrice(meter: Meter, inputTokensBound: number): PicodollarsPerUnit | null {
    if (!this.#isFlat) return dearestPrice(this.endpoint.prices, meter, inputTokensBound);
    const known = this.#prices.get(meter);
    if (known !== undefined) return known;
    const price = dearestPrice(this.endpoint.prices, meter, 0);
    this.#prices.set(meter, price);
    return price;
  }
}

/** A model with its endpoints, in the order of the snapshot. */
export interface ModelFacts {
  readonly model: Model;
  readonly endpoints: readonly EndpointFacts[];
  /** The longest context of those that are switched on. */
  readonly contextTokensMax: number;
  readonly hasFlex: boolean;
  /** The moment from which it is no longer served, milliseconds since 1970. */
  readonly expiresAtMs: number;
}

function modelFacts(model: Model, catalog: CatalogSnapshot): ModelFacts {
  const endpoints = (catalog.endpointsByModel.get(model.slug) ?? []).map((each) => new EndpointFacts(each, catalog));
  const enabled = endpoints.filter(({ endpoint }) => endpoint.isEnabled);
  return {
    model,
    endpoints,
    contextTokensMax: Math.max(0, ...enabled.map(({ endpoint }) => endpoint.contextTokensMax)),
    hasFlex: enabled.some(({ tier }) => tier === 'flex'),
    expiresAtMs: model.expiresOn === null ? Number.POSITIVE_INFINITY : Date.parse(model.expiresOn),
  };
}

/** Snapshots never change: what was found out of one is kept as long as it is in use, and only of the models that are asked for. */
const factsOfSnapshots = new WeakMap<CatalogSnapshot, Map<string, ModelFacts>>();

/** The facts of a model, or null when the snapshot has no such slug. */
export function factsOf(catalog: CatalogSnapshot, slug: string): ModelFacts | null {
  let ofModels = factsOfSnapshots.get(catalog);
  if (ofModels === undefined) {
    ofModels = new Map();
    factsOfSnapshots.set(catalog, ofModels);
  }
  const known = ofModels.get(slug);
  if (known !== undefined) return known;
  const model = catalog.models.get(slug);
  if (model === undefined) return null;
  const facts = modelFacts(model, catalog);
  ofModels.set(slug, facts);
  return facts;
}

import { type Meter, unitMeters } from '@bourse/generation';
import { formatUsdPerUnit, type PicodollarsPerUnit, picodollarsPerUnit } from '@bourse/money';
import type { Endpoint, Modality, Model, PriceLine, PriceSheet, ProviderInfo } from './types.ts';

/** OpenRouter's price keys, and ours where it has none: decimal strings in dollars per single unit. */
export type PublicPriceKey =
  | 'prompt'
  | 'completion'
  | 'request'
  | 'audio'
  | 'image_token'
  | 'audio_output'
  | 'image_output'
  | 'internal_reasoning'
  | 'web_search'
  | 'input_cache_read'
  | 'input_cache_write'
  | 'input_cache_write_1h'
  | 'spoken_character'
  | 'audio_second'
  | 'search_unit'
  | 'image_made';

const keyOfMeter: Readonly<Record<Meter, PublicPriceKey>> = {
  input: 'prompt',
  input_cache_read: 'input_cache_read',
  input_cache_write: 'input_cache_write',
  input_cache_write_1h: 'input_cache_write_1h',
  input_audio: 'audio',
  input_image: 'image_token',
  output: 'completion',
  output_reasoning: 'internal_reasoning',
  output_audio: 'audio_output',
  output_image: 'image_output',
  request: 'request',
  web_search: 'web_search',
  spoken_character: 'spoken_character',
  audio_second: 'audio_second',
  search_unit: 'search_unit',
  image_made: 'image_made',
};

/** Prices under a condition. They replace the prices above them for requests of more than so many prompt tokens. */
export type PublicPriceOverride = Readonly<Partial<Record<PublicPriceKey, string>>> & {
  readonly min_prompt_tokens: number;
};

/** `pricing` of a model or an endpoint: what the customer pays, markup included. */
export type PublicPricing = Readonly<Partial<Record<PublicPriceKey, string>>> & {
  readonly prompt: string;
  readonly completion: string;
  readonly overrides?: readonly PublicPriceOverride[];
};

/** `architecture` of a model. */
export interface PublicArchitecture {
  readonly input_modalities: readonly Modality[];
  readonly output_modalities: readonly Modality[];
  readonly modality: string;
  readonly tokenizer: string;
  readonly instruct_type: null;
}

/** A row of `GET /models`. The last three fields are ours. */
export interface PublicModel {
  readonly id: string;
  readonly canonical_slug: string;
  readonly hugging_face_id: string | null;
  readonly name: string;
  /** Unix seconds: see `publicCreated`. Clients demand a number. */
  readonly created: number;
  readonly description: string;
  readonly context_length: number | null;
  readonly knowledge_cutoff: string | null;
  readonly expiration_date: null;
  readonly architecture: PublicArchitecture;
  /** Of the endpoint that is named by `top_provider`. */
  readonly pricing: PublicPricing;
  readonly top_provider: {
    readonly context_length: number | null;
    readonly max_completion_tokens: number | null;
    readonly is_moderated: boolean;
  };
  readonly per_request_limits: null;
  readonly supported_parameters: readonly string[];
  readonly default_parameters: Readonly<Record<string, number>>;
  readonly supported_voices: null;
  readonly links: { readonly details: string };
  /** At least one endpoint can be called here: its provider has a credential. */
  readonly is_configured: boolean;
  /** Part of the sandbox market. */
  readonly is_sandbox: boolean;
  readonly endpoint_count: number;
}

/** An entry of `GET /models/{author}/{slug}/endpoints`. The last fields are ours. */
export interface PublicEndpoint {
  readonly name: string;
  readonly model_id: string;
  readonly model_name: string;
  readonly provider_name: string;
  readonly tag: string;
  readonly context_length: number;
  readonly max_completion_tokens: number | null;
  readonly max_prompt_tokens: number | null;
  readonly quantization: string | null;
  readonly pricing: PublicPricing;
  readonly supported_parameters: readonly string[];
  readonly supports_implicit_caching: boolean;
  readonly supports_voice_cloning: boolean;
  /** The values of `tool_choice` that the endpoint takes. */
  readonly supports_tool_choice: Readonly<Record<'auto' | 'none' | 'required' | 'function', boolean>>;
  /** 0 is normal; -1 is switched off. */
  readonly status: 0 | -1;
  readonly uptime_last_5m: number | null;
  readonly uptime_last_30m: number | null;
  readonly uptime_last_1d: number | null;
  readonly latency_last_30m: null;
  readonly throughput_last_30m: null;
  readonly id: string;
  readonly provider_slug: string;
  readonly is_configured: boolean;
  /** Where and on which day the provider's own price was read. */
  readonly price_source: string;
  readonly price_checked_on: string;
  /** Included in `pricing`. */
  readonly markup_bps: number;
}

/** What a public row depends on beside the catalog. */
export interface PublicMarket {
  readonly configuredProviders: ReadonlySet<string>;
  /** For endpoints without a markup of their own; basis points. */
  readonly markupBpsDefault: number;
}

/** What the customer pays per unit: the provider's price and `markupBps` basis points on it, rounded up to a picodollar. */
export function withMarkup(price: PicodollarsPerUnit, markupBps: number): PicodollarsPerUnit {
  const scaled = price * BigInt(10_000 + markupBps);
  // Shown per unit, so rounded up per unit; the charge itself is rounded once per generation and is never more.
  return picodollarsPerUnit((scaled + 9_999n) / 10_000n);
}

function priceStrings(lines: readonly PriceLine[], markupBps: number): Partial<Record<PublicPriceKey, string>> {
  return Object.fromEntries(
    lines.map(({ meter, price }) => [keyOfMeter[meter], formatUsdPerUnit(withMarkup(price, markupBps))]),
  );
}

/**
 * A price sheet in OpenRouter's words, in dollars per unit as exact strings, markup included and rounded up to a
 * picodollar per unit. Tiers become `overrides`, ascending: the last that matches wins.
 */
export function publicPricing({ lines }: PriceSheet, markupBps: number): PublicPricing {
  const base = priceStrings(
    lines.filter((line) => line.aboveInputTokens === 0),
    markupBps,
  );
  const thresholds = [...new Set(lines.map((line) => line.aboveInputTokens))].filter((tokens) => tokens > 0);
  const overrides = thresholds
    .toSorted((a, b) => a - b)
    .map((tokens) => ({
      min_prompt_tokens: tokens,
      ...priceStrings(
        lines.filter((line) => line.aboveInputTokens === tokens),
        markupBps,
      ),
    }));
  const { prompt = '0', completion = '0', ...others } = base;
  return { prompt, completion, ...others, ...(overrides.length > 0 ? { overrides } : {}) };
}

/** A model's modalities in OpenRouter's words: `text+image->text`. */
export function publicArchitecture(model: Model): PublicArchitecture {
  return {
    input_modalities: model.inputModalities,
    output_modalities: model.outputModalities,
    modality: `${model.inputModalities.join('+')}->${model.outputModalities.join('+')}`,
    tokenizer: model.tokenizer,
    instruct_type: null,
  };
}

/**
 * Unix seconds of the day on which a model came out or, when that is unknown, on which a price for it was first read.
 * 0 when neither is known.
 */
export function publicCreated(model: Model, endpoints: readonly Endpoint[]): number {
  const day = model.releasedOn ?? endpoints.map(({ prices }) => prices.checkedOn).toSorted()[0];
  return day === undefined ? 0 : Date.parse(`${day}T00:00:00Z`) / 1000;
}

function isCallable(endpoint: Endpoint, { configuredProviders }: PublicMarket): boolean {
  return endpoint.isEnabled && configuredProviders.has(endpoint.providerSlug);
}

function basePrice({ prices }: Endpoint): bigint {
  const priceOf = (meter: Meter) =>
    prices.lines.find((line) => line.meter === meter && line.aboveInputTokens === 0)?.price ?? 0n;
  const units = unitMeters.reduce((sum, meter) => sum + priceOf(meter), 0n);
  return priceOf('input') * 3n + priceOf('output') + units;
}

/** The endpoint that stands for a model in lists: the cheapest that can be called, else the cheapest. */
function topEndpoint(endpoints: readonly Endpoint[], market: PublicMarket): Endpoint | undefined {
  const callable = endpoints.filter((endpoint) => isCallable(endpoint, market));
  const pool = callable.length > 0 ? callable : endpoints;
  return pool.toSorted((a, b) => (basePrice(a) < basePrice(b) ? -1 : 1))[0];
}

/** A row of `GET /models`. Null for a model without endpoints: nobody sells it, so it has no price to show. */
export function publicModel(model: Model, endpoints: readonly Endpoint[], market: PublicMarket): PublicModel | null {
  const top = topEndpoint(endpoints, market);
  if (top === undefined) return null;
  const parameters = [...new Set(endpoints.flatMap((endpoint) => endpoint.supportedParameters))].toSorted();
  return {
    id: model.slug,
    canonical_slug: model.canonicalSlug,
    hugging_face_id: model.huggingFaceId,
    name: model.name,
    created: publicCreated(model, endpoints),
    description: model.description,
    context_length: model.contextTokensMax,
    knowledge_cutoff: model.knowledgeCutoff,
    expiration_date: null,
    architecture: publicArchitecture(model),
    pricing: publicPricing(top.prices, top.markupBps ?? market.markupBpsDefault),
    top_provider: {
      context_length: top.contextTokensMax,
      max_completion_tokens: top.outputTokensMax,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: parameters,
    default_parameters: {},
    supported_voices: null,
    links: { details: `/api/v1/models/${model.slug}/endpoints` },
    is_configured: endpoints.some((endpoint) => isCallable(endpoint, market)),
    is_sandbox: model.isSandbox,
    endpoint_count: endpoints.length,
  };
}

/** Shares of successful calls in percent, 0..100; null where too few calls were made to tell. */
export interface PublicUptime {
  readonly last5m: number | null;
  readonly last30m: number | null;
  readonly last1d: number | null;
}

/** A catalog knows whether an endpoint takes tools and whether it takes a choice among them, and no finer than that. */
function toolChoices({ supportedParameters }: Endpoint): PublicEndpoint['supports_tool_choice'] {
  const hasTools = supportedParameters.includes('tools');
  const hasChoice = hasTools && supportedParameters.includes('tool_choice');
  return { auto: hasTools, none: hasTools, required: hasChoice, function: hasChoice };
}

/** An endpoint of `GET /models/{author}/{slug}/endpoints`. */
export function publicEndpoint(
  endpoint: Endpoint,
  about: { readonly model: Model; readonly provider: ProviderInfo; readonly uptime?: PublicUptime },
  market: PublicMarket,
): PublicEndpoint {
  const { model, provider, uptime } = about;
  const markupBps = endpoint.markupBps ?? market.markupBpsDefault;
  const meters = new Set(endpoint.prices.lines.map((line) => line.meter));
  return {
    name: `${provider.name} | ${model.slug}`,
    model_id: model.slug,
    model_name: model.name,
    provider_name: provider.name,
    tag: endpoint.tag,
    context_length: endpoint.contextTokensMax,
    max_completion_tokens: endpoint.outputTokensMax,
    max_prompt_tokens: null,
    quantization: endpoint.quantization,
    pricing: publicPricing(endpoint.prices, markupBps),
    supported_parameters: endpoint.supportedParameters,
    // Providers that price writes want to be asked for caching; those that price reads alone cache by themselves.
    supports_implicit_caching: meters.has('input_cache_read') && !meters.has('input_cache_write'),
    supports_voice_cloning: false,
    supports_tool_choice: toolChoices(endpoint),
    status: endpoint.isEnabled ? 0 : -1,
    uptime_last_5m: uptime?.last5m ?? null,
    uptime_last_30m: uptime?.last30m ?? null,
    uptime_last_1d: uptime?.last1d ?? null,
    latency_last_30m: null,
    throughput_last_30m: null,
    id: endpoint.id,
    provider_slug: endpoint.providerSlug,
    is_configured: isCallable(endpoint, market),
    price_source: endpoint.prices.sourceUrl,
    price_checked_on: endpoint.prices.checkedOn,
    markup_bps: markupBps,
  };
}

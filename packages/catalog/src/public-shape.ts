import { type Meter, unitMeters } from '@bourse/generation';
import { type PublicPricing, publicPricing } from './public-pricing.ts';
import type { Endpoint, Modality, Model, ModelAlias, ProviderInfo, ReasoningSupport, ServiceTier } from './types.ts';

/** `architecture` of a model. */
export interface PublicArchitecture {
  readonly input_modalities: readonly Modality[];
  readonly output_modalities: readonly Modality[];
  readonly modality: string;
  readonly tokenizer: string;
  readonly instruct_type: null;
}

/** How a model thinks, in OpenRouter's words. */
export interface PublicReasoning {
  readonly mandatory: boolean;
  /** Null = every effort is taken. */
  readonly supported_efforts: readonly string[] | null;
  readonly default_effort?: string;
  readonly default_enabled: boolean;
  readonly supports_max_tokens: boolean;
}

/** A row of `GET /models`. The fields after `links` are ours. */
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
  /** ISO day. */
  readonly expiration_date: string | null;
  readonly architecture: PublicArchitecture;
  /** Of the endpoint that is named by `top_provider`. */
  readonly pricing: PublicPricing;
  readonly top_provider: {
    readonly context_length: number | null;
    readonly max_completion_tokens: number | null;
    readonly is_moderated: boolean;
  };
  /** What the endpoint of `top_provider` takes and gives in one request, where that is less than its context. */
  readonly per_request_limits: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly supported_parameters: readonly string[];
  readonly default_parameters: Readonly<Record<string, number>>;
  readonly supported_voices: null;
  readonly reasoning?: PublicReasoning;
  /** Of an alias: the model that it means now. */
  readonly alias_target?: { readonly slug: string; readonly name: string };
  readonly links: { readonly details: string };
  /** At least one endpoint can be called here: its provider has a credential. */
  readonly is_configured: boolean;
  /** Part of the sandbox market. */
  readonly is_sandbox: boolean;
  readonly endpoint_count: number;
  /** The smallest and the largest context among the endpoints: a request is only routed where it fits. */
  readonly context_length_range: { readonly min: number; readonly max: number };
  /** The author permits training other models on its answers; null = unknown. */
  readonly is_distillable: boolean | null;
  /** At least one endpoint keeps nothing. */
  readonly has_zdr: boolean;
  /** The model to move to when this one has left. */
  readonly successor: string | null;
}

/** A measure's percentiles. */
export interface PublicPercentiles {
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p99: number;
}

/** What a provider does with prompts and answers; null = unknown. */
export interface PublicDataPolicy {
  readonly training: boolean | null;
  readonly retention_days: number | null;
  readonly zdr: boolean;
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
  /** 0 is normal, -1 switched off in the catalog, -2 failing now, -3 stopped by the operator. */
  readonly status: 0 | -1 | -2 | -3;
  readonly uptime_last_5m: number | null;
  readonly uptime_last_30m: number | null;
  readonly uptime_last_1d: number | null;
  /** Milliseconds to the first token. */
  readonly latency_last_30m: PublicPercentiles | null;
  /** Tokens per second after the first. */
  readonly throughput_last_30m: PublicPercentiles | null;
  readonly id: string;
  readonly provider_slug: string;
  readonly is_configured: boolean;
  /** Where and on which day the provider's own price was read. */
  readonly price_source: string;
  readonly price_checked_on: string;
  /** Included in `pricing`. */
  readonly markup_bps: number;
  readonly service_tier: ServiceTier;
  /** ISO 3166 alpha-2; empty = unknown, or anywhere. */
  readonly regions: readonly string[];
  readonly data_policy: PublicDataPolicy;
  readonly is_moderated: boolean;
  /** Of the answers that ended in tool calls, the share without a broken call, 0..1. */
  readonly tool_success_rate: number | null;
}

/** What a public row depends on beside the catalog. */
export interface PublicMarket {
  readonly configuredProviders: ReadonlySet<string>;
  /** For endpoints without a markup of their own; basis points. */
  readonly markupBpsDefault: number;
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

const recommendable = new Set([
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
]);

/** OpenRouter's clients know six recommendations and refuse others (reference: its OpenAPI document, 2026-08). */
function recommended({ defaultParameters }: Model): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(defaultParameters).filter(([name]) => recommendable.has(name)));
}

function requestLimits({
  inputTokensMax,
  outputTokensMax,
  contextTokensMax,
}: Endpoint): PublicModel['per_request_limits'] {
  if (inputTokensMax === null) return null;
  return { prompt_tokens: inputTokensMax, completion_tokens: outputTokensMax ?? contextTokensMax };
}

function publicReasoning(support: ReasoningSupport): PublicReasoning {
  return {
    mandatory: support.isMandatory,
    supported_efforts: support.efforts.length === 0 ? null : support.efforts,
    ...(support.defaultEffort === null ? {} : { default_effort: support.defaultEffort }),
    default_enabled: support.isDefaultOn,
    supports_max_tokens: support.hasTokenBudget,
  };
}

/** Zero data retention: stores nothing, hence trains on nothing. What is unknown is not promised. */
export function keepsNothing({ dataPolicy }: Pick<Endpoint, 'dataPolicy'>): boolean {
  return dataPolicy.retentionDays === 0 && dataPolicy.trains !== true;
}

/** A row of `GET /models`. Null for a model without endpoints: nobody sells it, so it has no price to show. */
export function publicModel(model: Model, endpoints: readonly Endpoint[], market: PublicMarket): PublicModel | null {
  const top = topEndpoint(endpoints, market);
  if (top === undefined) return null;
  const contexts = endpoints.map((endpoint) => endpoint.contextTokensMax);
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
    expiration_date: model.expiresOn,
    architecture: publicArchitecture(model),
    pricing: publicPricing(top.prices, top.markupBps ?? market.markupBpsDefault),
    top_provider: {
      context_length: top.contextTokensMax,
      max_completion_tokens: top.outputTokensMax,
      is_moderated: top.isModerated,
    },
    per_request_limits: requestLimits(top),
    supported_parameters: parameters,
    default_parameters: recommended(model),
    supported_voices: null,
    ...(model.reasoning === null ? {} : { reasoning: publicReasoning(model.reasoning) }),
    links: { details: `/api/v1/models/${model.slug}/endpoints` },
    is_configured: endpoints.some((endpoint) => isCallable(endpoint, market)),
    is_sandbox: model.isSandbox,
    endpoint_count: endpoints.length,
    context_length_range: { min: Math.min(...contexts), max: Math.max(...contexts) },
    is_distillable: model.isDistillable,
    has_zdr: endpoints.some(keepsNothing),
    successor: model.successorSlug,
  };
}

/** The row of an alias: that of the model which it means now, under its own name. */
export function publicAlias({ alias, name }: ModelAlias, target: PublicModel): PublicModel {
  return { ...target, id: alias, name, alias_target: { slug: target.id, name: target.name } };
}

/** Shares of successful calls in percent, 0..100; null where too few calls were made to tell. */
export interface PublicUptime {
  readonly last5m: number | null;
  readonly last30m: number | null;
  readonly last1d: number | null;
}

/** What is known of an endpoint at this moment. */
export interface PublicLive {
  /** It fails now: it is tried after the others. */
  readonly isOut: boolean;
  readonly isStopped: boolean;
  readonly uptime: PublicUptime;
  readonly latencyMs: PublicPercentiles | null;
  readonly tokensPerSecond: PublicPercentiles | null;
  readonly toolSuccess: number | null;
}

const unknownLive: PublicLive = {
  isOut: false,
  isStopped: false,
  uptime: { last5m: null, last30m: null, last1d: null },
  latencyMs: null,
  tokensPerSecond: null,
  toolSuccess: null,
};

/** A catalog knows whether an endpoint takes tools and whether it takes a choice among them, and no finer than that. */
function toolChoices({ supportedParameters }: Endpoint): PublicEndpoint['supports_tool_choice'] {
  const hasTools = supportedParameters.includes('tools');
  const hasChoice = hasTools && supportedParameters.includes('tool_choice');
  return { auto: hasTools, none: hasTools, required: hasChoice, function: hasChoice };
}

function statusOf({ isEnabled }: Endpoint, { isOut, isStopped }: PublicLive): PublicEndpoint['status'] {
  if (!isEnabled) return -1;
  if (isStopped) return -3;
  return isOut ? -2 : 0;
}

/** A data policy in public words. */
export function publicDataPolicy(endpoint: Pick<Endpoint, 'dataPolicy'>): PublicDataPolicy {
  const { trains, retentionDays } = endpoint.dataPolicy;
  return { training: trains, retention_days: retentionDays, zdr: keepsNothing(endpoint) };
}

/** An endpoint of `GET /models/{author}/{slug}/endpoints`. */
export function publicEndpoint(
  endpoint: Endpoint,
  about: { readonly model: Model; readonly provider: ProviderInfo; readonly live?: PublicLive },
  market: PublicMarket,
): PublicEndpoint {
  const { model, provider, live = unknownLive } = about;
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
    max_prompt_tokens: endpoint.inputTokensMax,
    quantization: endpoint.quantization,
    pricing: publicPricing(endpoint.prices, markupBps),
    supported_parameters: endpoint.supportedParameters,
    // Providers that price writes want to be asked for caching; those that price reads alone cache by themselves.
    supports_implicit_caching: meters.has('input_cache_read') && !meters.has('input_cache_write'),
    supports_voice_cloning: false,
    supports_tool_choice: toolChoices(endpoint),
    status: statusOf(endpoint, live),
    uptime_last_5m: live.uptime.last5m,
    uptime_last_30m: live.uptime.last30m,
    uptime_last_1d: live.uptime.last1d,
    latency_last_30m: live.latencyMs,
    throughput_last_30m: live.tokensPerSecond,
    id: endpoint.id,
    provider_slug: endpoint.providerSlug,
    is_configured: isCallable(endpoint, market),
    price_source: endpoint.prices.sourceUrl,
    price_checked_on: endpoint.prices.checkedOn,
    markup_bps: markupBps,
    service_tier: endpoint.serviceTier,
    regions: endpoint.regions,
    data_policy: publicDataPolicy(endpoint),
    is_moderated: endpoint.isModerated,
    tool_success_rate: live.toolSuccess,
  };
}

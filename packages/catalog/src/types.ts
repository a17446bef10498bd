import type { Meter } from '@bourse/generation';
import type { PicodollarsPerUnit } from '@bourse/money';

/** Input and output kinds, in OpenRouter's words. */
export const modalities = [
  'text',
  'image',
  'file',
  'audio',
  'video',
  'embeddings',
  'rerank',
  'speech',
  'transcription',
] as const;

/** One of them. */
export type Modality = (typeof modalities)[number];

/** Who made a model. */
export interface Author {
  readonly slug: string;
  readonly name: string;
}

/** A company with an API that we call. */
export interface ProviderInfo {
  readonly slug: string;
  readonly name: string;
  readonly privacyPolicyUrl: string | null;
  readonly termsOfServiceUrl: string | null;
  readonly statusPageUrl: string | null;
  /** ISO 3166 alpha-2. */
  readonly headquarters: string | null;
  readonly datacenters: readonly string[];
  /** Part of the sandbox market: free to play with, never real. */
  readonly isSandbox: boolean;
}

/** What a provider does with prompts and answers. Null is unknown, and unknown counts as "keeps and trains". */
export interface DataPolicy {
  /** Prompts may be used to train models. */
  readonly trains: boolean | null;
  /** For how many days prompts or answers are stored; 0 = not at all, not counting caches in memory. */
  readonly retentionDays: number | null;
}

/** The policy of whoever says nothing about it. */
export const unknownDataPolicy: DataPolicy = { trains: null, retentionDays: null };

/** How fast, and at which price, a provider serves a call: what it was asked for by `service_tier`. */
export type ServiceTier = 'default' | 'flex' | 'priority';

/** The suffixes of a slug that name a model of its own, such as `author/slug:free`. */
export type StaticVariant = 'free' | 'extended' | 'thinking';

/** How a model thinks, as far as it is known. */
export interface ReasoningSupport {
  /** It cannot be switched off. */
  readonly isMandatory: boolean;
  /** The values of `reasoning.effort` that it takes, from high to low. */
  readonly efforts: readonly string[];
  readonly defaultEffort: string | null;
  readonly isDefaultOn: boolean;
  /** It takes a budget in tokens. */
  readonly hasTokenBudget: boolean;
}

/** What a customer names. */
export interface Model {
  /** `author/slug`. */
  readonly slug: string;
  /** Immutable dated form, e.g. `openai/gpt-4o-2024-05-13`; equals `slug` when no date is known. */
  readonly canonicalSlug: string;
  readonly authorSlug: string;
  readonly name: string;
  readonly description: string;
  /** Day of release, ISO date; null when unknown. */
  readonly releasedOn: string | null;
  readonly contextTokensMax: number | null;
  readonly inputModalities: readonly Modality[];
  readonly outputModalities: readonly Modality[];
  readonly tokenizer: string;
  readonly knowledgeCutoff: string | null;
  readonly huggingFaceId: string | null;
  /** Null for a plain model. */
  readonly variant: StaticVariant | null;
  /** The author permits training other models on its answers; null = unknown. */
  readonly isDistillable: boolean | null;
  /** ISO day on which it leaves the catalog; null = no such day is known. */
  readonly expiresOn: string | null;
  /** The model to move to when it has left. */
  readonly successorSlug: string | null;
  /** What its maker recommends, by OpenRouter's parameter names; shown, never injected. */
  readonly defaultParameters: Readonly<Record<string, number>>;
  /** Null = does not think, or unknown. */
  readonly reasoning: ReasoningSupport | null;
  readonly isSandbox: boolean;
}

/** A name that always means the newest model of a family. */
export interface ModelAlias {
  /** `~author/family-latest`. */
  readonly alias: string;
  readonly name: string;
  readonly modelSlug: string;
}

/** One price: so much per counted unit of one meter. A condition "more than N input tokens" makes it a tier. */
export interface PriceLine {
  readonly meter: Meter;
  readonly price: PicodollarsPerUnit;
  /** The line holds when the request has strictly more input tokens than this; 0 is the base tier. */
  readonly aboveInputTokens: number;
}

/** The prices of an endpoint from a moment on, with where and when they were read. */
export interface PriceSheet {
  /** Identifies the sheet in receipts, e.g. "openai/gpt-4o@openai/2026-11-22". */
  readonly id: string;
  readonly lines: readonly PriceLine[];
  readonly sourceUrl: string;
  /** ISO date on which the source was read. */
  readonly checkedOn: string;
  /** Moment from which it holds. */
  readonly effectiveFrom: Date;
}

/** One model at one provider. */
export interface Endpoint {
  /** Stable: `<model slug>@<tag>`. */
  readonly id: string;
  readonly modelSlug: string;
  readonly providerSlug: string;
  /** What `provider.order` and `only` accept besides the slug, e.g. "deepinfra/fp8". */
  readonly tag: string;
  /** The model's name in calls to the provider. */
  readonly upstreamModel: string;
  readonly contextTokensMax: number;
  /** Null = bounded by the context only. */
  readonly outputTokensMax: number | null;
  /** Null = bounded by the context only. */
  readonly inputTokensMax: number | null;
  /** Flex and priority endpoints stand beside the default one, with prices and a tag of their own (`openai/priority`). */
  readonly serviceTier: ServiceTier;
  /** Where it runs, ISO 3166 alpha-2; empty = unknown, or anywhere. */
  readonly regions: readonly string[];
  readonly dataPolicy: DataPolicy;
  /** The provider screens prompts and may refuse them. */
  readonly isModerated: boolean;
  readonly quantization: string | null;
  readonly supportedParameters: readonly string[];
  readonly prices: PriceSheet;
  /** Markup on the price in basis points; null = the market's default. */
  readonly markupBps: number | null;
  readonly isEnabled: boolean;
}

/** An immutable picture of the market. Endpoint lists are sorted by id, so that plans can be replayed. */
export interface CatalogSnapshot {
  readonly version: string;
  readonly authors: ReadonlyMap<string, Author>;
  readonly providers: ReadonlyMap<string, ProviderInfo>;
  readonly models: ReadonlyMap<string, Model>;
  /** By alias. */
  readonly aliases: ReadonlyMap<string, ModelAlias>;
  readonly endpointsByModel: ReadonlyMap<string, readonly Endpoint[]>;
}

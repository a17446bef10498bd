import type { Author, CatalogSnapshot, Endpoint, Model, ModelAlias, ProviderInfo } from '@bourse/catalog';
import type { Nanodollars } from '@bourse/money';

/** A whole catalog, as the maintained data has it. */
export interface CatalogContents {
  readonly authors: readonly Author[];
  readonly providers: readonly ProviderInfo[];
  readonly models: readonly Model[];
  readonly endpoints: readonly Endpoint[];
  readonly aliases: readonly ModelAlias[];
}

/** Who changes the catalog. `data`: the maintained data of the release; `sync`: a source, within the guards; `review`: a person. */
export interface CatalogWriter {
  readonly origin: 'data' | 'sync' | 'review';
  /** Who it was, for the log of versions. */
  readonly actor: string | null;
}

/** The catalog. A new version is announced on the topic `catalog` with the version as id. */
export interface CatalogStore {
  /** The prices in force now by the database clock. Endpoints without a price in force are left out: unknown is not free. */
  loadSnapshot(): Promise<CatalogSnapshot>;
  /**
   * Names what `loadSnapshot` would give now: it changes with the contents and when a price comes into force. One cheap query, so that a
   * gateway can look often and load seldom.
   */
  currentVersion(): Promise<string>;
  /**
   * Makes the stored catalog equal to the given one; what is gone is disabled, not deleted. A changed price closes the old sheet
   * and opens a new one. Does nothing when these were the last contents that were written like this, so that what came to the catalog since
   * by `editCatalog` outlives a restart with the same data. What changes is written to the history.
   */
  replaceCatalog(contents: CatalogContents): Promise<{ readonly version: string; readonly isChanged: boolean }>;
  /**
   * Changes the catalog as it stands. `edit` gets the stored contents (listed, with each endpoint's newest prices) and gives what they should be; nobody
   * else writes meanwhile. It must be pure and quick. Whatever it throws leaves the catalog as it was.
   */
  editCatalog(
    edit: (live: CatalogContents) => CatalogContents,
    writer: CatalogWriter,
  ): Promise<{ readonly version: string; readonly isChanged: boolean }>;
  /** The stored contents as `editCatalog` hands them out, without keeping others from writing. */
  readContents(): Promise<CatalogContents>;
}

/** An application that customers' requests are attributed to. */
export interface AppRecord {
  readonly id: number;
  /** Canonical: lower-case origin and path without a trailing slash. */
  readonly url: string;
  readonly title: string;
  readonly isDemo: boolean;
}

/** Applications; callers cache. */
export interface AppStore {
  /** Finds or creates; a new title replaces the old one. */
  resolve(app: { readonly url: string; readonly title: string | null; readonly isDemo?: boolean }): Promise<AppRecord>;
  get(appId: number): Promise<AppRecord | null>;
}

/** Rankings look back a day, a week or 30 days from `now`. */
export type RankingPeriod = 'day' | 'week' | 'month';

/** A model's place. `change` compares tokens with the period before: 0.1 = +10 %; null = nothing before. */
export interface ModelRank {
  readonly rank: number;
  readonly modelSlug: string;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tokens: number;
  readonly change: number | null;
}

/** Tokens of one model in one bucket; `modelSlug` "other" sums the rest. */
export interface TokensInBucket {
  readonly bucketAt: Date;
  readonly modelSlug: string;
  readonly tokens: number;
}

/** Share 0..1 of the tokens of the period. */
export interface AuthorShare {
  readonly authorSlug: string;
  readonly tokens: number;
  readonly share: number;
}

/** An application's place by tokens. */
export interface AppRank {
  readonly rank: number;
  readonly app: AppRecord;
  readonly requests: number;
  readonly tokens: number;
}

/** A day of the public dataset: the top 50 models by tokens and `other`. */
export interface RankingsDailyRow {
  /** ISO date. */
  readonly date: string;
  readonly modelSlug: string;
  readonly tokens: number;
}

/** A day of one model. */
export interface ModelUsageDay {
  readonly date: string;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly charge: Nanodollars;
}

/** Usage in buckets, made by the worker from generations and always rebuildable from them. */
export interface RankingStore {
  /** Recomputes the hours and days that generations recorded since the watermark fall into. Idempotent; answers how many hours. */
  refreshRollups(options?: { readonly since?: Date }): Promise<{ readonly hours: number }>;
  /** Recomputes every hour and day of [from, to). */
  rebuildRollups(range: { readonly from: Date; readonly to: Date }): Promise<{ readonly hours: number }>;
  topModels(query: {
    readonly period: RankingPeriod;
    readonly now: Date;
    readonly limit?: number;
  }): Promise<readonly ModelRank[]>;
  /** Hour buckets for a day, day buckets otherwise; the `limit` largest models and "other". */
  tokensByModelOverTime(query: {
    readonly period: RankingPeriod;
    readonly now: Date;
    readonly limit?: number;
  }): Promise<readonly TokensInBucket[]>;
  marketShareByAuthor(query: { readonly period: RankingPeriod; readonly now: Date }): Promise<readonly AuthorShare[]>;
  topApps(query: {
    readonly period: RankingPeriod;
    readonly now: Date;
    readonly limit?: number;
    readonly modelSlug?: string;
  }): Promise<readonly AppRank[]>;
  /** ISO dates, both inclusive, at most 366 days. */
  rankingsDaily(range: { readonly startDate: string; readonly endDate: string }): Promise<readonly RankingsDailyRow[]>;
  modelUsage(query: {
    readonly modelSlug: string;
    readonly now: Date;
    readonly days?: number;
  }): Promise<readonly ModelUsageDay[]>;
  /** True while demo data is part of the rankings, so that pages can say so. */
  isDemoMarket(): Promise<boolean>;
}

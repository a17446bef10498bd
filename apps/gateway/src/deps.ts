import type { CatalogSnapshot } from '@bourse/catalog';
import type { Database } from '@bourse/db';
import type { Credential, Provider } from '@bourse/providers';
import type { Redis } from '@bourse/redis';
import type { Logger } from '@bourse/telemetry';
import type { Admission } from './admission/admission.ts';
import type { Background } from './background.ts';
import type { Books } from './books/books.ts';
import type { CreditLeases } from './books/credit-leases.ts';
import type { Peers } from './cluster/peers.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { EndpointHealth } from './health/endpoint-health.ts';
import type { Transport } from './http/transport.ts';
import type { Claims } from './idempotency/claims.ts';
import type { MediaFetcher } from './media/fetch-media.ts';
import type { PdfReader } from './plugins/pdf/pdf-reader.ts';
import type { WebSearch } from './plugins/web/search-provider.ts';
import type { ResponseCache } from './response-cache/response-cache.ts';
import type { Signal } from './signal.ts';
import type { AppRegistry } from './snapshot/app-registry.ts';
import type { KeyCache } from './snapshot/key-cache.ts';
import type { KeyUse } from './snapshot/key-use.ts';
import type { StickyEndpoints } from './snapshot/sticky-endpoints.ts';
import type { Switches } from './snapshot/switches.ts';
import type { TokenCounter } from './tokenizer.ts';
import type { Upstreams } from './upstream/upstreams.ts';

/** Times in milliseconds, sizes in bytes and counts that bound one request; all come from the environment. */
export interface Limits {
  readonly bodyBytesMax: number;
  /** New keys of one organization in an hour; 0 = no limit. */
  readonly keysPerHour: number;
  /** All media by URL of one request. */
  readonly mediaBytesMax: number;
  readonly firstByteTimeoutMs: number;
  readonly wholeAnswerTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly totalTimeoutMs: number;
  /** How often the same endpoint may be asked again for one request, when nobody else is left. */
  readonly retriesMax: number;
  /** How much longer than a request a hold lives: what follows the end must find it. */
  readonly holdMarginMs: number;
  /** After this long without a first token a stream commits to HTTP 200 and starts sending keep-alive comments. */
  readonly firstFlushMs: number;
  /** How long an answer is read on after its reader left, at providers that bill anyway. */
  readonly drainAfterCancelMs: number;
}

/** Everything that a request needs from the world. Built once in main.ts; tests build their own. */
export interface Deps {
  readonly db: Database;
  /** Who may come in, and how often. */
  readonly admission: Admission;
  /** Where generations end. */
  readonly books: Books;
  /** The processes beside this one. */
  readonly peers: Peers;
  /** Credit that requests are admitted on without a round trip. */
  readonly credit: CreditLeases;
  readonly keys: KeyCache;
  readonly keyUse: KeyUse;
  readonly apps: AppRegistry;
  readonly catalog: () => CatalogSnapshot;
  /** The kill switches. */
  readonly switches: () => Switches;
  readonly health: EndpointHealth;
  /** Who may be called now, how often again, and how many at once. */
  readonly upstreams: Upstreams;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly credentials: ReadonlyMap<string, Credential>;
  /** The slugs of `credentials`: what routing may choose from. */
  readonly configuredProviders: ReadonlySet<string>;
  readonly transport: Transport;
  /** Fetches what customers name by URL. */
  readonly media: MediaFetcher;
  readonly background: Background;
  /** Requests that came with an Idempotency-Key. */
  readonly claims: Claims;
  /** How the web is searched, and what that costs. */
  readonly search: WebSearch;
  /** Makes text of PDFs, in a thread of its own. */
  readonly pdf: PdfReader;
  /** What gateways share; null where there is none. Everything has an answer for when it does not answer. */
  readonly redis: Redis | null;
  /** Answers that were asked to be kept. */
  readonly cache: ResponseCache;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  readonly limits: Limits;
  readonly markupBpsDefault: number;
  /** Where prompts may be sent from here: `EU` or a country; null: anywhere. */
  readonly region: string | null;
  /** Which endpoints have which conversations in their caches. */
  readonly sticky: StickyEndpoints;
  /** Names this process in holds and records. */
  readonly gatewayId: string;
  readonly dashboardUrl: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Uniform in 0..1, for weighted choices. */
  readonly draw: () => number;
  /** A counter of tokens, for estimates when a provider reports no usage. */
  readonly countTokens: () => Promise<TokenCounter>;
  /** Set when the time for draining is over: running answers must end now. */
  readonly draining: Signal;
}

import type { AddressInfo } from 'node:net';
import { type Database, migrate } from '@bourse/db';
import { nanodollarsFromUsd } from '@bourse/money';
import type { Credential, Provider } from '@bourse/providers';
import { connectRedis, type Redis } from '@bourse/redis';
import type { Logger, Metrics } from '@bourse/telemetry';
import { openAdmission } from './admission/open-admission.ts';
import { createApp } from './app.ts';
import { createBackground } from './background.ts';
import { type OpenBooks, openBooks } from './books/open-books.ts';
import { joinPeers } from './cluster/peers.ts';
import type { Deps } from './deps.ts';
import type { Env } from './env.ts';
import { createGatewayMetrics, registerBooksMetrics } from './gateway-metrics.ts';
import { type EndpointHealth, startEndpointHealth } from './health/endpoint-health.ts';
import { openHealthChannel } from './health/health-channel.ts';
import { createGatewayServer } from './http/server.ts';
import { createTransport } from './http/transport.ts';
import { Claims } from './idempotency/claims.ts';
import { createMediaFetcher } from './media/fetch-media.ts';
import { PdfReader } from './plugins/pdf/pdf-reader.ts';
import { webSearch } from './plugins/web/web-search.ts';
import { ResponseCache } from './response-cache/response-cache.ts';
import { answersInRedis } from './response-cache/shared-answers.ts';
import { inferenceHandlers } from './routes/inference.ts';
import { inferenceRoutes } from './routes/inference-routes.ts';
import { Signal } from './signal.ts';
import { createAppRegistry } from './snapshot/app-registry.ts';
import { type CatalogCache, createMeasuredCatalogCache } from './snapshot/catalog-cache.ts';
import { follow } from './snapshot/follow.ts';
import { KeyCache } from './snapshot/key-cache.ts';
import { createKeyUse } from './snapshot/key-use.ts';
import { StickyEndpoints } from './snapshot/sticky-endpoints.ts';
import { SwitchBoard } from './snapshot/switches.ts';
import { loadTokenCounter } from './tokenizer.ts';
import { openUpstreams } from './upstream/open-upstreams.ts';

/** The parts that only a process (or a test) can supply. */
export interface GatewayParts {
  readonly env: Env;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly db: Database;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly credentials: ReadonlyMap<string, Credential>;
  readonly gatewayId: string;
  readonly now: () => number;
  readonly draw: () => number;
}

/** A running gateway. */
export interface Gateway {
  readonly port: number;
  /** What running requests have set aside in memory, in nanodollars. */
  readonly reserved: () => bigint;
  /** Resolves when what was charged to an organization can be read in the database. */
  readonly booked: (organizationId: string) => Promise<boolean>;
  /** What it knows of endpoints. */
  readonly health: Pick<EndpointHealth, 'of' | 'stats'>;
  /** Not ready at once; waits for running answers, ends them at the deadline, finishes their books, closes everything. */
  readonly stop: (drainMs?: number) => Promise<void>;
}

const READY_PROBE_MS = 1_000;
const KEY_USE_FLUSH_MS = 10_000;
const BOOKS_DEADLINE_MS = 10_000;

/** What this process knows of the database's contents. */
interface Caches {
  readonly keys: KeyCache;
  readonly catalog: CatalogCache;
  readonly switches: SwitchBoard;
}

/** Null where the operator names none: each gateway then knows what it sees itself. */
function redisOf({ env: { REDIS_URL: url }, log }: GatewayParts): Redis | null {
  return url === undefined ? null : connectRedis({ url, log });
}

function buildDeps(parts: GatewayParts, caches: Caches, open: OpenBooks): Deps {
  const { env, db, log, now, draw } = parts;
  const counter = loadTokenCounter();
  const background = createBackground(log);
  const redis = redisOf(parts);
  const transport = createTransport();
  const peers = joinPeers({ settled: (organizationId) => open.books.settled(organizationId), metrics: parts.metrics });
  const channel = openHealthChannel({ gatewayId: parts.gatewayId, redis, peers });
  const health = startEndpointHealth({ now, store: db.endpointHealth, channel, log });
  const draining = new Signal();
  const metrics = createGatewayMetrics(parts.metrics);
  return {
    db,
    log,
    now,
    books: open.books,
    peers,
    credit: open.credit,
    keys: caches.keys,
    keyUse: createKeyUse((ids) => db.keys.touchLastUsed(ids, new Date(now()))),
    catalog: caches.catalog.current,
    switches: () => caches.switches.current,
    apps: createAppRegistry(async (app) => (await db.apps.resolve(app)).id),
    health,
    upstreams: openUpstreams({ env, health, notices: db.notices, background, metrics: parts.metrics, log, now, draw }),
    providers: parts.providers,
    credentials: parts.credentials,
    configuredProviders: new Set(parts.credentials.keys()),
    transport,
    media: createMediaFetcher({
      reach: { networks: env.GATEWAY_MEDIA_NETWORKS, ports: env.GATEWAY_MEDIA_PORTS.map(Number) },
      bytesMax: env.GATEWAY_MEDIA_BYTES_MAX,
      timeoutMs: env.GATEWAY_MEDIA_TIMEOUT_MS,
    }),
    background,
    claims: new Claims({ store: db.idempotency, background, log }),
    search: webSearch(env, transport),
    pdf: new PdfReader(),
    redis,
    cache: new ResponseCache({
      bytesMax: env.GATEWAY_CACHE_BYTES_MAX,
      now,
      shared: redis === null ? null : answersInRedis(redis, background),
    }),
    metrics,
    admission: openAdmission(parts, { metrics, redis }),
    limits: {
      bodyBytesMax: env.GATEWAY_BODY_BYTES_MAX,
      keysPerHour: env.BOURSE_KEYS_PER_HOUR,
      mediaBytesMax: env.GATEWAY_MEDIA_BYTES_MAX,
      firstByteTimeoutMs: env.GATEWAY_FIRST_BYTE_TIMEOUT_MS,
      wholeAnswerTimeoutMs: env.GATEWAY_WHOLE_ANSWER_TIMEOUT_MS,
      idleTimeoutMs: env.GATEWAY_IDLE_TIMEOUT_MS,
      totalTimeoutMs: env.GATEWAY_TOTAL_TIMEOUT_MS,
      retriesMax: env.GATEWAY_RETRIES_MAX,
      holdMarginMs: env.GATEWAY_HOLD_MARGIN_MS,
      firstFlushMs: env.GATEWAY_FIRST_FLUSH_MS,
      drainAfterCancelMs: 60_000,
    },
    markupBpsDefault: env.BOURSE_MARKUP_BPS,
    region: env.GATEWAY_REGION?.toUpperCase() ?? null,
    sticky: new StickyEndpoints(parts.now),
    gatewayId: parts.gatewayId,
    dashboardUrl: env.BOURSE_DASHBOARD_URL,
    draw,
    countTokens: () => counter,
    draining,
  };
}

/** Rejects when the database does not answer: without a market and its kill switches nobody may listen. */
async function loadCaches({ db, log, now, metrics }: GatewayParts): Promise<Caches> {
  const keys = new KeyCache({ find: (hash) => db.keys.findByHash(hash), now });
  const catalog = createMeasuredCatalogCache(db.catalog, { log, now, metrics });
  const switches = new SwitchBoard(db.switches);
  // The switches first: they are given two seconds, and loading a whole catalog can keep the process busy for one.
  await switches.refresh();
  await catalog.refresh();
  return { keys, catalog, switches };
}

/** Asks the database every second whether it answers. */
function watchDatabase(db: Database): { readonly isThere: () => boolean; readonly stop: () => void } {
  let isThere = true;
  const answered = (is: boolean) => (): void => {
    isThere = is;
  };
  const probe = setInterval(() => void db.health.ping().then(answered(true), answered(false)), READY_PROBE_MS);
  return { isThere: () => isThere, stop: () => clearInterval(probe) };
}

/** Migrates, loads the snapshots, listens. Rejects with one sentence when the database or the port is not to be had. */
export async function startGateway(parts: GatewayParts): Promise<Gateway> {
  const { env, db, log } = parts;
  await migrate({ url: env.DATABASE_URL });
  const caches = await loadCaches(parts);
  const { catalog, switches } = caches;
  const open = await openBooks({
    db,
    log,
    gatewayId: parts.gatewayId,
    now: parts.now,
    spoolRoot: env.GATEWAY_SPOOL_DIR,
    segmentBytes: env.GATEWAY_SPOOL_SEGMENT_BYTES,
    settleLingerMs: env.GATEWAY_SETTLE_LINGER_MS,
    leaseSlabMax: nanodollarsFromUsd(env.GATEWAY_LEASE_MAX_USD),
    leaseTtlMs: env.GATEWAY_LEASE_TTL_MS,
    isTrusted: () => env.GATEWAY_LEASE_MAX_USD !== '0' && !switches.current.isDirect,
  });
  registerBooksMetrics(parts.metrics, open);
  const unfollow = await follow(parts, { ...caches, credit: open.credit });
  const deps = buildDeps(parts, caches, open);
  let isStopping = false;
  const database = watchDatabase(db);
  const keyUse = setInterval(() => deps.background.run('key-use', deps.keyUse.flush()), KEY_USE_FLUSH_MS);
  const sendTimes = { keepAliveMs: env.GATEWAY_KEEP_ALIVE_MS, stallMs: env.GATEWAY_CLIENT_STALL_MS };
  const app = createApp({
    deps,
    operations: {
      isReady: () => database.isThere() && !isStopping && catalog.isLoaded(),
      renderMetrics: deps.peers.metrics,
      metrics: parts.metrics,
    },
    sendTimes,
  });
  const server = createGatewayServer(app, inferenceHandlers(inferenceRoutes, deps, sendTimes));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(env.GATEWAY_PORT, env.GATEWAY_HOST, resolve);
  });
  const { port } = server.address() as AddressInfo; // a TCP server that listens has one
  const stop = async (drainMs: number = env.GATEWAY_DRAIN_MS): Promise<void> => {
    isStopping = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const deadline = setTimeout(() => deps.draining.set(), drainMs);
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, drainMs + BOOKS_DEADLINE_MS).unref())]);
    clearTimeout(deadline);
    server.closeAllConnections();
    const left = await deps.background.drain(BOOKS_DEADLINE_MS);
    if (left > 0) log.warn('gateway.books_left_open', { left });
    database.stop();
    clearInterval(keyUse);
    deps.claims.close();
    await deps.keyUse.flush().catch(() => undefined);
    await unfollow();
    await open.close(BOOKS_DEADLINE_MS);
    deps.upstreams.close();
    await deps.health.close();
    deps.admission.close();
    deps.redis?.close();
    await Promise.all([deps.transport.close(), deps.media.close(), deps.pdf.stop()]);
    await db.close();
  };
  const { health } = deps;
  return { port, reserved: () => open.credit.totals().reserved, booked: (id) => open.books.settled(id), health, stop };
}

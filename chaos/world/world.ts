import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '@bourse/db';
import { freePort, wideLimits } from '@bourse/testing';
import type { SqlEdit } from '../hooks/source-edit.ts';
import { MARKUP_BPS } from '../oracle.ts';
import { type ChaosPostgres, query } from './postgres.ts';
import { Program } from './program.ts';
import { createTenant, type Tenant, type TenantSpec } from './tenants.ts';
import { pause } from './until.ts';

/** The ground that runs share: a server and a place for files. */
export interface Ground {
  readonly postgres: ChaosPostgres;
  readonly directory: string;
}

interface StartSpec {
  readonly name: string;
  readonly script: string;
  readonly arming: Arming;
  readonly env: Readonly<Record<string, string>>;
}

const FAILED_STARTS_MAX = 3;
const FAILED_START_PAUSE_MS = 300;

/** What is different about the programs of a world. */
export interface WorldOptions {
  readonly name: string;
  readonly mutant?: { readonly name: string; readonly sql?: readonly SqlEdit[]; readonly source?: readonly unknown[] };
}

/** A gateway's place: its port and spool stay when its process is replaced. */
export interface GatewayPlace {
  readonly name: string;
  readonly port: number;
  readonly url: string;
  readonly spoolRoot: string;
}

/** What may be armed in a program that is started. */
export interface Arming {
  /** `name:nth[:action]`. */
  readonly failpoint?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Leases end after this long, as short as the gateway allows. */
export const LEASE_TTL_MS = 5_000;
/** And are taken away so much later. */
export const FENCE_GRACE_MS = 500;
const TOTAL_TIMEOUT_MS = 3_000;
const HOLD_MARGIN_MS = 1_000;

/** A market of real programs on a database of its own. */
export class World {
  readonly name: string;
  readonly url: string;
  readonly db: Database;
  readonly upstream: Program;
  readonly upstreamUrl: string;
  readonly directory: string;
  readonly diskFullFlag: string;
  readonly programs: Program[] = [];
  /** Starts that ended by themselves and were repeated. */
  failedStarts = 0;
  readonly postgres: ChaosPostgres;
  readonly #options: WorldOptions;
  readonly #roots = new Set<string>();

  private constructor(ground: Ground, options: WorldOptions, at: { url: string; upstreamPort: number }) {
    this.#options = options;
    this.name = options.name;
    this.postgres = ground.postgres;
    this.url = at.url;
    this.directory = join(ground.directory, options.name);
    this.diskFullFlag = join(this.directory, 'disk-full');
    mkdirSync(this.directory, { recursive: true });
    this.db = openDatabase({ url: at.url, applicationName: 'bourse-chaos', poolMax: 3, moneyPoolMax: 1 });
    this.upstreamUrl = `http://127.0.0.1:${at.upstreamPort}`;
    this.upstream = new Program({
      name: 'upstream',
      script: 'chaos/upstream.ts',
      env: { CHAOS_PORT: String(at.upstreamPort) },
      logFile: join(this.directory, 'upstream.log'),
    });
  }

  static async open(ground: Ground, options: WorldOptions): Promise<World> {
    const [url, upstreamPort] = await Promise.all([
      ground.postgres.createDatabase(options.mutant?.sql ?? []),
      freePort(),
    ]);
    const world = new World(ground, options, { url, upstreamPort });
    await world.upstream.isReady(`${world.upstreamUrl}/served`);
    return world;
  }

  /** Every spool root that a gateway of this world was given. */
  get spoolRoots(): readonly string[] {
    return [...this.#roots];
  }

  tenant(spec: TenantSpec): Promise<Tenant> {
    return createTenant(this.db, spec);
  }

  sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return query<Row>(this.url, text, values);
  }

  async place(name: string, spool = name): Promise<GatewayPlace> {
    const port = await freePort();
    const spoolRoot = join(this.directory, `spool-${spool}`);
    this.#roots.add(spoolRoot);
    return { name, port, url: `http://127.0.0.1:${port}`, spoolRoot };
  }

  /** Starts a gateway; answers when it takes requests or ended before that. */
  gateway(place: GatewayPlace, arming: Arming = {}): Promise<Program> {
    const env = {
      GATEWAY_PORT: String(place.port),
      GATEWAY_HOST: '127.0.0.1',
      GATEWAY_SPOOL_DIR: place.spoolRoot,
      GATEWAY_SPOOL_SEGMENT_BYTES: '65536',
      GATEWAY_LEASE_TTL_MS: String(LEASE_TTL_MS),
      GATEWAY_TOTAL_TIMEOUT_MS: String(TOTAL_TIMEOUT_MS),
      GATEWAY_HOLD_MARGIN_MS: String(HOLD_MARGIN_MS),
      GATEWAY_DRAIN_MS: '4000',
      ...wideLimits,
      BOURSE_SANDBOX_URL: this.upstreamUrl,
      BOURSE_MARKUP_BPS: String(MARKUP_BPS),
    };
    const spec = { name: place.name, script: 'apps/gateway/src/main.ts', arming, env };
    return this.#supervise(spec, `${place.url}/readyz`);
  }

  async worker(arming: Arming = {}): Promise<Program> {
    const port = await freePort();
    const env = {
      WORKER_PORT: String(port),
      WORKER_HOST: '127.0.0.1',
      WORKER_EXPIRE_HOLDS_MS: '200',
      WORKER_FENCE_GRACE_MS: String(FENCE_GRACE_MS),
      WORKER_ROLLUP_MS: '3600000',
      // Nobody listens: mail is no matter of these runs.
      SMTP_URL: 'smtp://127.0.0.1:9',
    };
    const spec = { name: 'worker', script: 'apps/worker/src/main.ts', arming, env };
    return this.#supervise(spec, `http://127.0.0.1:${port}/healthz`);
  }

  /** Runs one of the harness' own scripts to its end. */
  script(script: string, arming: Arming): Program {
    return this.#program({ name: script, script, arming, env: {} });
  }

  /** Ends whatever runs and forgets the database. */
  async close(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.kill()));
    await this.upstream.kill();
    await this.db.close().catch(() => undefined); // a connection that a killed server took along
    await this.postgres.dropDatabase(this.url);
  }

  /**
   * A program that cannot start says so and ends with 1, and whoever supervises it starts it again: while its database is away, or when the
   * machine is so busy that a deadline of its start passes. One that never can is handed over as it ended.
   */
  async #supervise(spec: StartSpec, readyUrl: string): Promise<Program> {
    for (let failures = 0; ; failures += 1) {
      const program = this.#program(spec);
      await program.isReady(readyUrl);
      if (program.end?.code !== 1 || failures === FAILED_STARTS_MAX) return program;
      this.failedStarts += 1;
      await pause(FAILED_START_PAUSE_MS);
      await this.postgres.revive();
    }
  }

  #program(spec: StartSpec): Program {
    const { failpoint, env = {} } = spec.arming;
    // A mutant of SQL alone is in the database already.
    const hasSource = (this.#options.mutant?.source?.length ?? 0) > 0;
    const program = new Program({
      name: spec.name,
      script: spec.script,
      logFile: join(this.directory, `${spec.name.replaceAll('/', '-')}.log`),
      env: {
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        NODE_COMPILE_CACHE: join(this.directory, '..', 'compile-cache'),
        DATABASE_URL: this.url,
        CHAOS_PGDATA: this.postgres.dataDir,
        ...spec.env,
        ...(failpoint === undefined ? {} : { FAILPOINT: failpoint }),
        ...(hasSource && this.#options.mutant ? { BOURSE_MUTANT: this.#options.mutant.name } : {}),
        ...env,
      },
    });
    this.programs.push(program);
    return program;
  }
}

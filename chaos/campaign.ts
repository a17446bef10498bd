import { failpoints } from './failpoints.ts';
import { Load } from './load.ts';
import { judge, type Verdict } from './verdict.ts';
import type { Program } from './world/program.ts';
import type { Random } from './world/random.ts';
import { grant, type Tenant } from './world/tenants.ts';
import { pause, until } from './world/until.ts';
import { type Arming, FENCE_GRACE_MS, type GatewayPlace, type Ground, LEASE_TTL_MS, World } from './world/world.ts';

/** How hard a run is. */
export interface CampaignOptions {
  readonly kills: number;
  readonly isPostgresKilled: boolean;
  readonly seed: number;
  readonly random: Random;
  readonly onProgress: (kills: number) => void;
}

/** How a run went. */
export interface CampaignReport extends Verdict {
  readonly kills: number;
  readonly killsByPoint: ReadonlyMap<string, number>;
  readonly postgresRestarts: number;
  /** Starts that ended before the program was ready, without being killed. */
  readonly failedStarts: number;
  readonly refusals: ReadonlyMap<number, number>;
}

/** What is done to a process in one of its lives. */
type Fate =
  | { readonly kind: 'failpoint'; readonly name: string }
  | { readonly kind: 'random' }
  | { readonly kind: 'stopped' };

/** A failpoint that is not reached for so long is not waited for. */
const PATIENCE_MS = 2_500;
const POOR_GRANT_MS = 2_000;
const POSTGRES_WATCH_MS = 50;

function deckOf(of: 'gateway' | 'worker'): Fate[] {
  const points = failpoints.filter((point) => point.of === of).map(({ name }): Fate => ({ kind: 'failpoint', name }));
  const others: Fate[] =
    of === 'gateway'
      ? [{ kind: 'stopped' }, ...Array.from({ length: 5 }, (): Fate => ({ kind: 'random' }))]
      : [{ kind: 'random' }, { kind: 'random' }];
  return [...points, ...others];
}

/** Deals every fate before any comes again, so that a short run meets each. */
class Deck {
  readonly #of: 'gateway' | 'worker';
  readonly #random: Random;
  #cards: Fate[] = [];

  constructor(of: 'gateway' | 'worker', random: Random) {
    this.#of = of;
    this.#random = random;
  }

  deal(): Fate {
    if (this.#cards.length === 0) this.#cards = deckOf(this.#of);
    const [card] = this.#cards.splice(this.#random.between(0, this.#cards.length - 1), 1);
    return card ?? { kind: 'random' };
  }
}

/** A market under load whose processes are killed all the time, and which is judged when it came to rest. */
export class Campaign {
  readonly #world: World;
  readonly #options: CampaignOptions;
  readonly #killsByPoint = new Map<string, number>();
  readonly #differences: string[] = [];
  readonly #gatewayDeck: Deck;
  #kills = 0;
  #isStopped = false;

  constructor(world: World, options: CampaignOptions) {
    this.#world = world;
    this.#options = options;
    this.#gatewayDeck = new Deck('gateway', options.random.fork());
  }

  /** Runs to the number of kills, lets everything end, judges. */
  async run(): Promise<CampaignReport> {
    const { random } = this.#options;
    const places = await this.#places();
    const tenants = await this.#tenants();
    const load = new Load({
      places,
      tenants,
      clients: 12,
      seed: this.#options.seed.toString(36),
      random: random.fork(),
    });
    const lives = [
      ...places.map((place) => this.#gatewayLives(place, random.fork())),
      this.#workerLives(random.fork()),
    ];
    const chores = [this.#feed(tenants), this.#watchPostgres(random.fork())];
    load.start();
    await Promise.all(lives);
    await load.stop();
    this.#isStopped = true;
    await Promise.all(chores);
    await this.#rest(places);
    const verdict = await judge(this.#world, { deliveries: load.deliveries, tenants });
    return {
      ...verdict,
      differences: [...this.#differences, ...verdict.differences],
      kills: this.#kills,
      killsByPoint: this.#killsByPoint,
      failedStarts: this.#world.failedStarts,
      postgresRestarts: this.#world.postgres.restarts,
      refusals: load.refusals,
    };
  }

  get #isOver(): boolean {
    return this.#kills >= this.#options.kills;
  }

  /** Two gateways on one disk adopt each other's spools; the third is alone with its own. */
  async #places(): Promise<[GatewayPlace, ...GatewayPlace[]]> {
    const world = this.#world;
    return [
      await world.place('gateway-a', 'shared'),
      await world.place('gateway-b', 'shared'),
      await world.place('gateway-c', 'own'),
    ];
  }

  async #tenants(): Promise<[Tenant, ...Tenant[]]> {
    const world = this.#world;
    return [
      await world.tenant({ name: 'rich', credits: '10000', keyLimits: [null, null], isRich: true }),
      await world.tenant({ name: 'limited', credits: '1000', keyLimits: ['0.005', '0.1', '5', null], isRich: true }),
      await world.tenant({ name: 'poor', credits: '0.001', keyLimits: [null, '0.2'], isRich: false }),
      await world.tenant({ name: 'penniless', credits: '0', keyLimits: [null], isRich: false }),
    ];
  }

  /** The poor get a little now and then, so that their balance stays at the edge and never far from it. */
  async #feed(tenants: readonly Tenant[]): Promise<void> {
    const poor = tenants.find(({ name }) => name === 'poor');
    while (!this.#isStopped && poor !== undefined) {
      await pause(POOR_GRANT_MS);
      await grant(this.#world.db, poor.organizationId, '0.002').catch(() => undefined); // PostgreSQL is away: next time
    }
  }

  async #watchPostgres(random: Random): Promise<void> {
    let nextKill = random.between(5, 25);
    while (!this.#isStopped) {
      if (this.#options.isPostgresKilled && !this.#isOver && this.#kills >= nextKill) {
        nextKill = this.#kills + random.between(15, 35);
        this.#world.postgres.kill();
        this.#count('C11 PostgreSQL at any time');
      }
      await this.#world.postgres.revive();
      await pause(POSTGRES_WATCH_MS);
    }
  }

  #count(point: string): void {
    this.#kills += 1;
    this.#killsByPoint.set(point, (this.#killsByPoint.get(point) ?? 0) + 1);
    this.#options.onProgress(this.#kills);
  }

  async #gatewayLives(place: GatewayPlace, random: Random): Promise<void> {
    while (!this.#isOver) {
      await this.#world.postgres.revive();
      const fate = this.#gatewayDeck.deal();
      const isOfPostgres = this.#options.isPostgresKilled && fate.kind === 'failpoint' && random.isChance(0.12);
      const arming = armingOf(fate, isOfPostgres, random);
      const bornMs = performance.now();
      const gateway = await this.#world.gateway(place, arming);
      if (fate.kind === 'stopped') await this.#suspend(gateway);
      const patienceMs = fate.kind === 'failpoint' ? PATIENCE_MS : random.between(100, 2_000);
      await this.#meet(gateway, fate, { isOfPostgres, patienceMs, bornMs });
    }
  }

  async #workerLives(random: Random): Promise<void> {
    const deck = new Deck('worker', random.fork());
    while (!this.#isOver) {
      await this.#world.postgres.revive();
      const fate = deck.deal();
      const bornMs = performance.now();
      const worker = await this.#world.worker(armingOf(fate, false, random));
      await this.#meet(worker, fate, { isOfPostgres: false, patienceMs: random.between(1_000, 4_000), bornMs });
    }
  }

  /** C16: it sleeps until its leases are taken away, wakes up, and goes on as if nothing had been. */
  async #suspend(program: Program): Promise<void> {
    await pause(300);
    program.signal('SIGSTOP');
    await pause(LEASE_TTL_MS + FENCE_GRACE_MS + 800);
    program.signal('SIGCONT');
    await pause(500);
    if (program.end === null)
      this.#killsByPoint.set(
        'C16 asleep past its lease',
        (this.#killsByPoint.get('C16 asleep past its lease') ?? 0) + 1,
      );
  }

  async #meet(
    program: Program,
    fate: Fate,
    how: { isOfPostgres: boolean; patienceMs: number; bornMs: number },
  ): Promise<void> {
    const isStillborn = program.end !== null;
    const end = await Promise.race([program.ended, pause(how.patienceMs).then(() => null)]);
    if (end === null) {
      await program.kill();
      const isStruck = how.isOfPostgres && how.bornMs < this.#world.postgres.lastAwayMs;
      this.#count(isStruck ? 'C11 PostgreSQL at a failpoint' : 'at any time');
      return;
    }
    if (end.signal === 'SIGKILL') {
      this.#count(fate.kind === 'failpoint' ? fate.name : 'at any time');
      return;
    }
    await pause(POSTGRES_WATCH_MS * 5);
    // Its supervisor gave up: PostgreSQL was away all the time.
    if (isStillborn && how.bornMs < this.#world.postgres.lastAwayMs) return;
    this.#differences.push(`exit: ${program.name} ended by itself (${end.code ?? end.signal}): ${program.tail()}`);
  }

  /** Graceful ends, one start per disk to find what was left, and a worker until nothing is held. */
  async #rest(places: readonly GatewayPlace[]): Promise<void> {
    const world = this.#world;
    for (const place of places) {
      const gateway = await world.gateway(place);
      const end = await gateway.stop();
      if (end.code !== 0)
        this.#differences.push(`exit: ${place.name} ended with ${end.code ?? end.signal} when it was asked to stop`);
    }
    const worker = await world.worker();
    await until(
      () => world.sql("SELECT id FROM hold WHERE state = 'held' UNION ALL SELECT id FROM lease WHERE state = 'open'"),
      (rows) => rows.length === 0,
      { what: 'the end of every hold and lease', ms: 20_000 },
    ).catch(() => undefined); // what is still open is a difference of the verdict
    await worker.stop();
  }
}

function armingOf(fate: Fate, isOfPostgres: boolean, random: Random): Arming {
  if (fate.kind !== 'failpoint') return {};
  // Replay and fencing come once per start or second; the others with every request.
  const nth = /^C10/.test(fate.name) ? 1 : random.between(1, fate.name.startsWith('C12') ? 3 : 12);
  return { failpoint: `${fate.name}:${nth}${isOfPostgres ? ':postgres' : ''}` };
}

/** Opens a world, runs a campaign in it, and takes it down. */
export async function runCampaign(ground: Ground, options: CampaignOptions): Promise<CampaignReport> {
  const world = await World.open(ground, { name: `seed-${options.seed}` });
  try {
    return await new Campaign(world, options).run();
  } finally {
    await world.close();
  }
}

import type { ApiKeySnapshot, LeaseResult, LeaseStore } from '@bourse/db';
import { generateId } from '@bourse/ids';
import { type Nanodollars, nanodollars } from '@bourse/money';
import type { Logger } from '@bourse/telemetry';
import { Lease } from './lease.ts';

/** How leases are used. Amounts in nanodollars, times in milliseconds. */
export interface CreditLeaseOptions {
  readonly store: LeaseStore;
  readonly gatewayId: string;
  readonly log: Logger;
  /** Most that is taken at once; least that is worth a lease. */
  readonly slabMax: Nanodollars;
  readonly slabMin: Nanodollars;
  readonly ttlMs: number;
  /** False while memory may not be believed (notices are lost, an operator forbids it): then every reserve goes to the database. */
  readonly isTrusted: () => boolean;
  /** A clock that never goes back. */
  readonly now: () => number;
  /** This machine's clock, milliseconds since 1970: days are counted by it until the database has told its own. */
  readonly wallNow: () => number;
}

/** Credit that was set aside in memory for one request. */
export interface LeaseSlice {
  readonly lease: Lease;
  readonly amount: Nanodollars;
  /** The UTC day of the reserve by the database clock, ISO. */
  readonly day: string;
}

/** The leases of one organization, or of one of its keys that has a limit. */
interface Pool {
  readonly organizationId: string;
  readonly apiKeyId: string;
  readonly keyHash: string | null;
  current: Lease | null;
  /** Earlier leases with requests that are not booked. */
  readonly old: Set<Lease>;
  extending: Promise<LeaseResult['kind']> | null;
  /** The end of what is being given back. */
  giving: Promise<unknown>;
  directUntilMs: number;
}

/** How long little credit is reserved in the database before a lease is tried again. */
const DIRECT_MS = 2_000;
/** The database may count a lease as ended a little before we do. */
const EXPIRY_MARGIN_MS = 2_000;
const IDLE_MS = 30_000;
const GATHER_POLL_MS = 10;
const GATHER_PATIENCE_MS = 1_000;

/**
 * Credit of organizations in the hands of this process: requests are admitted from memory, without a round trip. It cannot be overspent,
 * because a lease is held in the books before any of it is spent; it cannot be stranded, because leases shrink with the credit, are given
 * back when they idle or when another gateway asks, and end by the database clock when this process dies.
 */
export class CreditLeases {
  readonly #options: CreditLeaseOptions;
  readonly #pools = new Map<string, Pool>();
  readonly #gathering = new Map<string, Promise<void>>();
  /** Database clock minus ours. */
  #skewMs: number;
  #day = { text: '', endsAtMs: 0 };

  constructor(options: CreditLeaseOptions) {
    this.#options = options;
    this.#skewMs = options.wallNow() - options.now();
  }

  /**
   * Sets `amount` aside from memory. Null: it must be reserved in the database, which also knows why not. A promise only when more
   * credit is needed first; rejects with `service_unavailable` when the database is away and the lease is used up.
   */
  admit(key: ApiKeySnapshot, amount: Nanodollars): LeaseSlice | null | Promise<LeaseSlice | null> {
    const nowMs = this.#options.now();
    const pool = this.#poolOf(key);
    if (nowMs < pool.directUntilMs || !this.#options.isTrusted()) return null;
    const slice = this.#take(pool, amount, nowMs);
    if (slice === null) return this.#extendAndTake(pool, key, amount);
    // Before it is used up, so that no request has to wait. A failure shows when it is.
    if (slice.lease.isLow && pool.extending === null) this.#extend(pool, key, nanodollars(0n)).catch(() => undefined);
    return slice;
  }

  /** A request that was admitted has ended; `charge` is owed until `booked`. */
  owe({ lease, amount }: LeaseSlice, charge: Nanodollars): void {
    lease.owe(amount, charge);
  }

  /** The charge is in the books. */
  booked({ lease }: LeaseSlice, charge: Nanodollars, isOwn: boolean): void {
    lease.booked(charge, isOwn);
  }

  /**
   * Brings what is leased of an organization's credits back to the books, here and at other gateways, so that a refusal is never due to
   * credit that lies around. Resolves when all have answered, or after a second. One at a time per organization.
   */
  gather(organizationId: string): Promise<void> {
    const running = this.#gathering.get(organizationId);
    if (running !== undefined) return running;
    const gathering = this.#gather(organizationId).finally(() => this.#gathering.delete(organizationId));
    this.#gathering.set(organizationId, gathering);
    return gathering;
  }

  /** Gives back what is free of an organization's leases, and takes no new ones for a while: somebody else needs the credit. */
  async yieldOrganization(organizationId: string): Promise<void> {
    await Promise.all(
      [...this.#pools.values()]
        .filter((pool) => pool.organizationId === organizationId)
        .map((pool) => this.#yieldPool(pool)),
    );
  }

  /** A key changed (its limit, perhaps): its own leases are given back. */
  async yieldKey(keyHash: string): Promise<void> {
    await Promise.all(
      [...this.#pools.values()].filter((pool) => pool.keyHash === keyHash).map((pool) => this.#yieldPool(pool)),
    );
  }

  /** Gives everything back that is free, such as when leases are switched off. */
  async yieldAll(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => this.#yieldPool(pool)));
  }

  /** To be called every few seconds: renews leases in use, gives idle ones back, forgets those that were lost. */
  async tend(): Promise<void> {
    const nowMs = this.#options.now();
    const renewing = new Map<string, { pool: Pool; lease: Lease }>();
    for (const [name, pool] of this.#pools) {
      for (const lease of pool.old) if (!lease.isBusy) await this.#close(pool, lease);
      const { current } = pool;
      // More credit that is on its way to it is meant for a request: on a lease that was closed meanwhile it would be spent without cover.
      const isIdle = current !== null && pool.extending === null && nowMs - current.usedAtMs > IDLE_MS;
      if (isIdle && !current.isBusy) await this.#close(pool, current);
      for (const lease of this.#leasesOf(pool))
        if (lease.expiresAtMs - nowMs < this.#options.ttlMs * 0.75) renewing.set(lease.id, { pool, lease });
      if (this.#leasesOf(pool).length === 0 && pool.extending === null && nowMs > pool.directUntilMs)
        this.#pools.delete(name);
    }
    if (renewing.size > 0) await this.#renew(renewing);
  }

  /** The number of leases, what is free in them, and what running requests have set aside. */
  totals(): { readonly leases: number; readonly free: bigint; readonly reserved: bigint } {
    const leases = [...this.#pools.values()].flatMap((pool) => this.#leasesOf(pool));
    return {
      leases: leases.length,
      free: leases.reduce((sum, lease) => sum + lease.free, 0n),
      reserved: leases.reduce((sum, lease) => sum + lease.reserved, 0n),
    };
  }

  #poolOf(key: ApiKeySnapshot): Pool {
    const isLimited = key.limit !== null;
    const name = isLimited ? key.id : key.organizationId;
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const pool: Pool = {
      organizationId: key.organizationId,
      apiKeyId: key.id,
      keyHash: isLimited ? key.hash : null,
      current: null,
      old: new Set(),
      extending: null,
      giving: Promise.resolve(),
      directUntilMs: 0,
    };
    this.#pools.set(name, pool);
    return pool;
  }

  #leasesOf(pool: Pool): readonly Lease[] {
    return pool.current === null ? [...pool.old] : [pool.current, ...pool.old];
  }

  #today(nowMs: number): string {
    if (nowMs >= this.#day.endsAtMs) {
      const date = new Date(nowMs + this.#skewMs);
      this.#day = { text: date.toISOString().slice(0, 10), endsAtMs: date.setUTCHours(24, 0, 0, 0) - this.#skewMs };
    }
    return this.#day.text;
  }

  #take(pool: Pool, amount: Nanodollars, nowMs: number): LeaseSlice | null {
    const lease = pool.current;
    if (lease === null || nowMs >= lease.expiresAtMs || lease.free < amount) return null;
    const day = this.#today(nowMs);
    if (lease.day !== null && lease.day !== day) return null;
    lease.reserve(amount, nowMs);
    return { lease, amount, day };
  }

  async #extendAndTake(pool: Pool, key: ApiKeySnapshot, amount: Nanodollars): Promise<LeaseSlice | null> {
    for (let fences = 0; fences < 2; ) {
      const result = await (pool.extending ?? this.#extend(pool, key, amount));
      const slice = this.#take(pool, amount, this.#options.now());
      if (slice !== null) return slice;
      if (result === 'fenced') fences += 1;
      else if (result !== 'granted') return null;
    }
    return null;
  }

  #extend(pool: Pool, key: ApiKeySnapshot, needed: Nanodollars): Promise<LeaseResult['kind']> {
    const extending = this.#askForMore(pool, key, needed).finally(() => {
      pool.extending = null;
    });
    pool.extending = extending;
    return extending;
  }

  /** One round trip: opens a lease or enlarges it. */
  async #askForMore(pool: Pool, key: ApiKeySnapshot, needed: Nanodollars): Promise<LeaseResult['kind']> {
    const { store, gatewayId, slabMax, slabMin, ttlMs, now } = this.#options;
    const askedAtMs = now();
    const today = this.#today(askedAtMs);
    if (pool.current?.day !== null && pool.current?.day !== today) this.#retire(pool);
    const isLimited = pool.keyHash !== null;
    const lease = pool.current ?? new Lease(generateId('lse'), { day: isLimited ? today : null, nowMs: askedAtMs });
    const result = await store.extend({
      leaseId: lease.id,
      organizationId: pool.organizationId,
      apiKeyId: key.id,
      isLimited,
      gatewayId,
      needed,
      slabMax,
      slabMin,
      ttlMs,
    });
    if (result.kind === 'granted') {
      this.#skewMs = result.nowMs - now();
      this.#day = { text: '', endsAtMs: 0 };
      lease.grant(result.granted);
      lease.expiresAtMs = askedAtMs + ttlMs - EXPIRY_MARGIN_MS;
      pool.current = lease;
      return 'granted';
    }
    if (result.kind === 'fenced') this.#retire(pool);
    // A request that asked for nothing yet only looked ahead: what there is goes on being used.
    else if (needed > 0n) await this.#goDirect(pool);
    return result.kind;
  }

  #retire(pool: Pool): void {
    if (pool.current?.isBusy) pool.old.add(pool.current);
    pool.current = null;
  }

  /** Gives back what is free, and what is on its way to us when it has come. */
  async #yieldPool(pool: Pool): Promise<void> {
    pool.directUntilMs = this.#options.now() + DIRECT_MS;
    await pool.extending?.catch(() => undefined);
    await this.#goDirect(pool);
  }

  /** Gives back what is free, one call after the other: the answer to a recall must not overtake credit that is still under way. */
  #goDirect(pool: Pool): Promise<unknown> {
    const { store, gatewayId, now } = this.#options;
    pool.directUntilMs = now() + DIRECT_MS;
    const give = (): Promise<unknown> =>
      Promise.all(
        this.#leasesOf(pool).map((lease) => store.giveBack({ leaseId: lease.id, gatewayId, amount: lease.takeFree() })),
      );
    pool.giving = pool.giving.then(give, give);
    return pool.giving;
  }

  /** Nothing runs on it any more: all that is left goes back. It is kept until that is done, so that a failure is repeated. */
  async #close(pool: Pool, lease: Lease): Promise<void> {
    pool.old.add(lease);
    if (pool.current === lease) pool.current = null;
    const { store, gatewayId } = this.#options;
    await store.giveBack({ leaseId: lease.id, gatewayId, amount: 'all' });
    pool.old.delete(lease);
  }

  async #renew(renewing: ReadonlyMap<string, { pool: Pool; lease: Lease }>): Promise<void> {
    const { store, gatewayId, ttlMs, now, log } = this.#options;
    const askedAtMs = now();
    const kept = await store.renew({ leaseIds: [...renewing.keys()], gatewayId, ttlMs });
    for (const { pool, lease } of renewing.values()) {
      if (kept.has(lease.id)) lease.expiresAtMs = askedAtMs + ttlMs - EXPIRY_MARGIN_MS;
      else {
        log.warn('money.lease_lost', { leaseId: lease.id });
        pool.old.delete(lease);
        if (pool.current === lease) pool.current = null;
      }
    }
  }

  async #gather(organizationId: string): Promise<void> {
    const { store, gatewayId, now } = this.#options;
    await this.yieldOrganization(organizationId);
    const deadlineMs = now() + GATHER_PATIENCE_MS;
    // Asking also stops new leases of this organization for a moment, so nobody can take what others give back.
    let waiting = await store.recall({ organizationId, gatewayId, asks: true });
    while (waiting > 0 && now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, GATHER_POLL_MS));
      waiting = await store.recall({ organizationId, gatewayId, asks: false });
    }
  }
}

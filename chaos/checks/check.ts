import type { Verdict } from '../verdict.ts';
import { judge } from '../verdict.ts';
import { type Ask, type Delivery, type Seen, send } from '../world/client.ts';
import type { Program } from '../world/program.ts';
import type { Tenant } from '../world/tenants.ts';
import { pause, until } from '../world/until.ts';
import type { Arming, GatewayPlace, World } from '../world/world.ts';

/** A short, scripted crash and what must be true after it. */
export interface Check {
  readonly name: string;
  /** The promise in one sentence. */
  readonly promise: string;
  /** Answers what is wrong, a sentence each; empty = the promise holds. */
  readonly run: (stage: Stage) => Promise<readonly string[]>;
}

/** The hands of a check: they ask, arm and wait, and remember what clients saw. */
export class Stage {
  readonly world: World;
  readonly deliveries: Delivery[] = [];
  readonly tenants: Tenant[] = [];
  #count = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** A tenant whose charges must all be paid in full. `usd` is what it begins with. */
  async tenant(usd: string, keyLimits: readonly (string | null)[] = [null]): Promise<Tenant> {
    const name = `tenant-${this.tenants.length}`;
    const tenant = await this.world.tenant({ name, credits: usd, keyLimits, isRich: true });
    this.tenants.push(tenant);
    return tenant;
  }

  /** One request of the tenant's first key (or the one that is given). What comes back whole is evidence. */
  async ask(
    place: GatewayPlace,
    tenant: Tenant,
    options: Partial<Ask> & { readonly kind?: 'few' | 'gated' } = {},
  ): Promise<Seen> {
    this.#count += 1;
    const { kind, ...rest } = options;
    const [key] = tenant.keys;
    if (key === undefined) throw new Error(`${tenant.name} has no key`);
    const nonce = `${kind ?? 'plain'}-${this.world.name}-${this.#count}`;
    const ask = {
      nonce: kind === 'gated' ? `few-${nonce}` : nonce,
      tenant,
      key,
      model: 'sandbox/atlas-1',
      isStreamed: this.#count % 2 === 0,
      ...(kind === undefined ? {} : { maxTokens: 1 }),
      ...rest,
    };
    const seen = await send(place.url, ask);
    if (seen.kind === 'whole') this.deliveries.push(seen.delivery);
    return seen;
  }

  /** Starts a gateway that dies at a failpoint, asks until it is dead, and says so when it does not die. */
  async dieAt(failpoint: string, place: GatewayPlace, how: { tenant: Tenant; env?: Arming['env'] }): Promise<void> {
    const gateway = await this.world.gateway(place, { failpoint, ...(how.env ? { env: how.env } : {}) });
    for (let tries = 0; tries < 10 && gateway.end === null; tries += 1) {
      await this.ask(place, how.tenant);
      await pause(60); // a settle waits some milliseconds for company
    }
    const end = await Promise.race([gateway.ended, pause(3_000).then(() => null)]);
    if (end?.signal !== 'SIGKILL')
      throw new Error(`${failpoint} was not reached: ${JSON.stringify(end)}\n${gateway.tail()}`);
  }

  /** A last life of a gateway, which finds what earlier ones left; then everything is judged. */
  async judgeAfterRestart(...places: readonly GatewayPlace[]): Promise<Verdict> {
    for (const place of places) {
      const gateway = await this.world.gateway(place);
      await gateway.stop();
    }
    return this.judge();
  }

  judge(): Promise<Verdict> {
    return judge(this.world, this);
  }

  async gate(state: 'open' | 'close'): Promise<void> {
    await fetch(`${this.world.upstreamUrl}/gate/${state}`);
  }

  /** Resolves when no further request reaches the provider for half a second; answers how many did in all. */
  async servedStably(): Promise<number> {
    let last = -1;
    let sinceMs = performance.now();
    return until(
      async () => {
        const served: unknown = await (await fetch(`${this.world.upstreamUrl}/served`)).json();
        const count = Array.isArray(served) ? served.length : 0;
        if (count !== last) sinceMs = performance.now();
        last = count;
        return count;
      },
      () => performance.now() - sinceMs > 500,
      { what: 'a quiet provider', ms: 15_000 },
    );
  }

  /** Resolves when so many generations are in the books. */
  async booked(count: number): Promise<void> {
    await until(
      () => this.world.sql('SELECT id FROM generation'),
      (rows) => rows.length >= count,
      { what: 'charges in the books', ms: 10_000 },
    );
  }

  /** Balances and windows in the middle of a run. */
  async overdrawn(): Promise<readonly string[]> {
    const accounts = await this.world.sql<{ text: string }>(
      `SELECT format('overdrawn: %s has %s posted and %s held', id, posted_nanodollars, held_nanodollars) AS text
         FROM ledger_account WHERE organization_id IS NOT NULL AND posted_nanodollars < held_nanodollars`,
    );
    const windows = await this.world.sql<{ text: string }>(
      `SELECT format('overdrawn: key %s used %s and holds %s of %s', k.id, w.used_nanodollars, w.held_nanodollars, k.limit_nanodollars) AS text
         FROM key_window w JOIN api_key k ON k.id = w.api_key_id WHERE w.used_nanodollars + w.held_nanodollars > k.limit_nanodollars`,
    );
    return [...accounts, ...windows].map(({ text }) => text);
  }

  async stop(...gateways: readonly Program[]): Promise<void> {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
  }
}

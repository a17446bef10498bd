import { type Ask, type Delivery, type Seen, send } from './world/client.ts';
import type { Random } from './world/random.ts';
import type { Tenant, TenantKey } from './world/tenants.ts';
import { pause } from './world/until.ts';
import type { GatewayPlace } from './world/world.ts';

/** What clients of a run do until they are told to stop. */
export interface LoadOptions {
  readonly places: readonly [GatewayPlace, ...GatewayPlace[]];
  readonly tenants: readonly [Tenant, ...Tenant[]];
  readonly clients: number;
  readonly seed: string;
  readonly random: Random;
}

const MODELS = ['sandbox/atlas-1', 'sandbox/atlas-1-mini', 'sandbox/atlas-instant'] as const;
const FREE_MODEL = 'sandbox/echo-free';
const BROKEN_PAUSE_MS = 25;
const RETRIES_MAX = 60;
const RETRY_PAUSE_MS = 150;

/** Clients of all kinds: streamed and not, hasty, retrying with an Idempotency-Key, rich, poor and limited. They record what they saw whole. */
export class Load {
  readonly deliveries: Delivery[] = [];
  /** Requests that were refused, by status. */
  readonly refusals = new Map<number, number>();
  readonly #options: LoadOptions;
  #isStopping = false;
  #clients: Promise<unknown> = Promise.resolve();

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  start(): void {
    const { clients, random } = this.#options;
    this.#clients = Promise.all(Array.from({ length: clients }, (_, index) => this.#client(index, random.fork())));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#clients;
  }

  async #client(index: number, random: Random): Promise<void> {
    const [firstPlace, ...places] = this.#options.places;
    const [firstTenant, ...tenants] = this.#options.tenants;
    // One that waits for a gateway that sleeps, or is refused slowly because credit is looked for everywhere, must not stop all others.
    const home = [firstPlace, ...places][index % (places.length + 1)] ?? firstPlace;
    const isRich = index < this.#options.clients / 2;
    for (let count = 0; !this.#isStopping; count += 1) {
      const tenant = isRich ? firstTenant : random.of([firstTenant, ...tenants]);
      const ask = this.#ask(`${this.#options.seed}-${index}-${count}`, tenant, random);
      const place = random.isChance(0.85) ? home : random.of(this.#options.places);
      const seen = await (ask.idempotencyKey === undefined ? this.#once(ask, place) : this.#stubbornly(ask, random));
      if (seen.kind !== 'whole') await pause(BROKEN_PAUSE_MS);
    }
  }

  #ask(nonce: string, tenant: Tenant, random: Random): Ask {
    const [firstKey, ...keys] = tenant.keys;
    if (firstKey === undefined) throw new Error(`${tenant.name} has no key`);
    const key: TenantKey = random.of([firstKey, ...keys]);
    const model = random.isChance(0.1) ? FREE_MODEL : random.of(MODELS);
    const common = { nonce, tenant, key, model, isStreamed: random.isChance(0.6) };
    if (random.isChance(0.12)) return { ...common, idempotencyKey: `key-${nonce}` };
    return { ...common, isHasty: common.isStreamed && random.isChance(0.08) };
  }

  async #once(ask: Ask, { url }: GatewayPlace): Promise<Seen> {
    const seen = await send(url, ask);
    if (seen.kind === 'whole') this.deliveries.push(seen.delivery);
    if (seen.kind === 'refused') this.refusals.set(seen.status, (this.refusals.get(seen.status) ?? 0) + 1);
    return seen;
  }

  /** Repeats until there is an answer, and now and then once more: one charge, whatever happens. */
  async #stubbornly(ask: Ask, random: Random): Promise<Seen> {
    const anywhere = (): GatewayPlace => random.of(this.#options.places);
    let seen = await this.#once(ask, anywhere());
    for (let tries = 0; seen.kind !== 'whole' && tries < RETRIES_MAX && !this.#isStopping; tries += 1) {
      if (seen.kind === 'refused' && seen.status === 402) return seen;
      await pause(RETRY_PAUSE_MS);
      seen = await this.#once(ask, anywhere());
    }
    if (seen.kind === 'whole' && random.isChance(0.4)) await this.#once(ask, anywhere());
    return seen;
  }
}

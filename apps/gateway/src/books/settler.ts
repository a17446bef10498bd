import type { ChargeOutcome, LeaseStore, WrittenCharge } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import { within } from '../within.ts';

/** How charges are brought to the books. */
export interface SettlerOptions {
  readonly leases: Pick<LeaseStore, 'settle'>;
  readonly log: Logger;
  readonly batchMax: number;
  /** How long a charge waits for company. */
  readonly lingerMs: number;
  /** A clock that never goes back, in milliseconds. */
  readonly now: () => number;
}

interface Waiting {
  readonly charge: WrittenCharge;
  readonly sinceMs: number;
  readonly resolve: (outcome: ChargeOutcome) => void;
}

const RETRY_MS_FIRST = 100;
const RETRY_MS_MAX = 1_000;
/** A charge that the books refuse is kept and tried again: a person may have mended what was wrong. */
const REFUSED_RETRY_MS = 60_000;

/**
 * Brings charges to the books in batches, in the background, until they are there: a database that is away only delays them. A charge that
 * the books refuse is logged, stays in the spool, and is tried again every minute and after each start.
 */
export class Settler {
  readonly #options: SettlerOptions;
  #queue: Waiting[] = [];
  #batch: readonly Waiting[] = [];
  readonly #refused = new Set<NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #isHurried = false;
  #isStopped = false;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /** Resolves when the charge is booked. */
  settle(charge: WrittenCharge): Promise<ChargeOutcome> {
    const { promise, resolve } = Promise.withResolvers<ChargeOutcome>();
    this.#queue.push({ charge, sinceMs: this.#options.now(), resolve });
    if (this.#queue.length >= this.#options.batchMax) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), this.#options.lingerMs);
    return promise;
  }

  /** Charges that are not booked yet. */
  get pending(): number {
    return this.#queue.length + this.#batch.length + this.#refused.size;
  }

  /** How long the oldest of them has waited. */
  get oldestMs(): number {
    const oldest = this.#batch[0] ?? this.#queue[0];
    return oldest === undefined ? 0 : this.#options.now() - oldest.sinceMs;
  }

  /** True while a charge of this organization is not booked. */
  hasPending(organizationId: string): boolean {
    const isOwn = ({ charge }: Waiting): boolean => charge.organizationId === organizationId;
    return this.#batch.some(isOwn) || this.#queue.some(isOwn);
  }

  /** Resolves when everything that waits now is booked, or after `patienceMs`; true when it is. */
  async flush(patienceMs: number): Promise<boolean> {
    const last = this.#queue.at(-1) ?? this.#batch.at(-1);
    if (last === undefined) return true;
    const deadline = this.#options.now() + patienceMs;
    while (this.#queue.includes(last) || this.#batch.includes(last)) {
      // In each round: a run that was ending when we came has forgotten the hurry.
      this.#isHurried = true;
      this.#start();
      const left = deadline - this.#options.now();
      if (left <= 0) return false;
      await within(Promise.resolve(this.#running), left, null);
    }
    return true;
  }

  /** Stops trying: what is left stays in the spool. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    for (const timer of this.#refused) clearTimeout(timer);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running !== null) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      this.#isHurried = false;
      if (this.#queue.length > 0 && !this.#isStopped)
        this.#timer ??= setTimeout(() => this.#start(), this.#options.lingerMs);
    });
  }

  async #run(): Promise<void> {
    do {
      this.#batch = this.#queue.slice(0, this.#options.batchMax);
      this.#queue = this.#queue.slice(this.#options.batchMax);
      await this.#settleBatch(this.#batch);
      this.#batch = [];
    } while (
      !this.#isStopped &&
      (this.#queue.length >= this.#options.batchMax || (this.#isHurried && this.#queue.length > 0))
    );
  }

  async #settleBatch(batch: readonly Waiting[]): Promise<void> {
    for (let waitMs = RETRY_MS_FIRST; !this.#isStopped; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
      try {
        const outcomes = await this.#options.leases.settle(batch.map(({ charge }) => charge));
        for (const [index, waiting] of batch.entries()) this.#conclude(waiting, outcomes[index]);
        return;
      } catch (error) {
        // Only a database that cannot be reached rejects as a whole. The charges are in the spool; time is all it takes.
        this.#options.log.warn('money.settle_delayed', { charges: batch.length, waitMs, reason: String(error) });
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  #conclude(waiting: Waiting, outcome: ChargeOutcome | undefined): void {
    if (outcome !== undefined && outcome.kind !== 'failed') {
      waiting.resolve(outcome);
      return;
    }
    const { generationId } = waiting.charge;
    this.#options.log.error('money.charge_refused', outcome?.error, { generationId });
    const timer = setTimeout(() => {
      this.#refused.delete(timer);
      this.settle(waiting.charge).then(waiting.resolve, () => undefined);
    }, REFUSED_RETRY_MS);
    this.#refused.add(timer);
  }
}

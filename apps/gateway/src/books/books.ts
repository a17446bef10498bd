import { type Charge, type ChargeOutcome, type WrittenCharge, writeCharge } from '@bourse/db';
import type { Logger } from '@bourse/telemetry';
import { within } from '../within.ts';
import type { CreditLeases, LeaseSlice } from './credit-leases.ts';
import type { Settler } from './settler.ts';
import type { Spool, SpooledRecord } from './spool.ts';

/** What books are made of. */
export interface BooksParts {
  readonly spool: Spool;
  readonly settler: Settler;
  readonly credit: CreditLeases;
  readonly log: Logger;
}

/** The end of a generation for the books; `slice` is what it was admitted on, null when the database holds the money. */
export interface Closing {
  readonly charge: Omit<Charge, 'lease'>;
  readonly slice: LeaseSlice | null;
}

/** How long an answer waits for the database when its charge could not be spooled. */
const DIRECT_PATIENCE_MS = 2_000;
/** How long a reader waits for what was just charged. */
const READ_PATIENCE_MS = 2_000;

/**
 * Where generations end. A charge is first written to the local spool, which makes it durable, and then brought to the database in a batch
 * with others. Whoever awaits `close` may send the last byte: no crash can lose the charge any more, and none can double it.
 */
export class Books {
  readonly #parts: BooksParts;

  constructor(parts: BooksParts) {
    this.#parts = parts;
  }

  /** False when charges of new requests could not be made durable: nothing may be admitted. */
  get isOpen(): boolean {
    return !this.#parts.spool.isFull;
  }

  /** Charges that are durable and not yet in the database. */
  get pending(): number {
    return this.#parts.settler.pending;
  }

  /** How long the oldest of them has waited, in milliseconds. */
  get oldestMs(): number {
    return this.#parts.settler.oldestMs;
  }

  /**
   * Resolves when the charge is durable; `booked` resolves when it is in the database. Never rejects: without room in the spool it waits
   * for the database instead, as long as an answer can wait, and goes on in the background.
   */
  async close(closing: Closing): Promise<{ readonly booked: Promise<ChargeOutcome> }> {
    const { slice } = closing;
    const lease = slice === null ? null : { id: slice.lease.id, day: slice.day };
    const written = writeCharge({ ...closing.charge, lease });
    if (slice !== null) this.#parts.credit.owe(slice, written.charge);
    const record = await this.#spool(written);
    const booked = this.#book(written, slice, record);
    if (record === null) await within(booked, DIRECT_PATIENCE_MS, null);
    return { booked };
  }

  /** After it, whatever this process charged an organization before can be read in the database; false when that takes too long. */
  async settled(organizationId: string): Promise<boolean> {
    return !this.#parts.settler.hasPending(organizationId) || this.#parts.settler.flush(READ_PATIENCE_MS);
  }

  async #spool(written: WrittenCharge): Promise<SpooledRecord | null> {
    try {
      return await this.#parts.spool.append(written.text);
    } catch (error) {
      this.#parts.log.error('money.not_spooled', error, { generationId: written.generationId });
      return null;
    }
  }

  async #book(written: WrittenCharge, slice: LeaseSlice | null, record: SpooledRecord | null): Promise<ChargeOutcome> {
    const outcome = await this.#parts.settler.settle(written);
    // A repetition whose first answer was lost was paid by the lease, too: to think otherwise could spend it twice.
    if (slice !== null && outcome.kind !== 'failed')
      this.#parts.credit.booked(slice, written.charge, outcome.kind === 'settled' || outcome.kind === 'duplicate');
    if (record !== null) this.#parts.spool.acknowledge(record);
    return outcome;
  }
}

import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@bourse/db';
import { type Nanodollars, nanodollars } from '@bourse/money';
import type { Logger } from '@bourse/telemetry';
import { adoptSpools } from './adopt-spools.ts';
import { Books } from './books.ts';
import { CreditLeases } from './credit-leases.ts';
import { Settler } from './settler.ts';
import { Spool } from './spool.ts';
import { signSpool } from './spool-owner.ts';

/** How the books of a process are kept. Amounts in nanodollars, times in milliseconds. */
export interface BooksOptions {
  readonly db: Database;
  readonly gatewayId: string;
  readonly log: Logger;
  /** Holds one directory per process. */
  readonly spoolRoot: string;
  readonly segmentBytes: number;
  readonly settleLingerMs: number;
  readonly leaseSlabMax: Nanodollars;
  readonly leaseTtlMs: number;
  /** False while requests must be reserved in the database one by one. */
  readonly isTrusted: () => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The books of a running process. */
export interface OpenBooks {
  readonly books: Books;
  readonly credit: CreditLeases;
  /** Brings everything to the database, gives all credit back, removes the spool. Within `patienceMs`; what is left is found at the next start. */
  close(patienceMs: number): Promise<void>;
}

/** Less than a hundredth of a cent is not worth a lease. */
const SLAB_MIN_DIVISOR = 50_000n;
const SPOOL_LINGER_MS = 2;
const SETTLE_BATCH_MAX = 128;
const TEND_MS = 5_000;
const ADOPT_MS = 30_000;

/** Repeats a chore of its own; a failure is logged and the next round comes all the same. */
function repeat(everyMs: number, chore: () => Promise<unknown>, onError: (error: unknown) => void): NodeJS.Timeout {
  let isRunning = false;
  return setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    chore()
      .catch(onError)
      .finally(() => {
        isRunning = false;
      });
  }, everyMs);
}

/** Settles what earlier processes left behind, then opens a spool and starts to lease. Rejects when the database or the disk is not to be had. */
export async function openBooks(options: BooksOptions): Promise<OpenBooks> {
  const { db, gatewayId, log } = options;
  const now = (): number => performance.now();
  const adoption = { root: options.spoolRoot, gatewayId, leases: db.leases, log };
  const directory = join(options.spoolRoot, gatewayId);
  // Signed first: a directory without an owner would belong to nobody, and neighbours that start with us must see that we live before we
  // take what a dead one left, or they take it from us.
  await signSpool(directory, gatewayId);
  await adoptSpools(adoption);
  const spool = await Spool.open({
    directory,
    segmentBytes: options.segmentBytes,
    lingerMs: SPOOL_LINGER_MS,
    onError: (error) => log.error('spool.failed', error),
  });
  const settler = new Settler({
    leases: db.leases,
    log,
    batchMax: SETTLE_BATCH_MAX,
    lingerMs: options.settleLingerMs,
    now,
  });
  const credit = new CreditLeases({
    store: db.leases,
    gatewayId,
    log,
    slabMax: options.leaseSlabMax,
    slabMin: nanodollars(options.leaseSlabMax / SLAB_MIN_DIVISOR),
    ttlMs: options.leaseTtlMs,
    isTrusted: options.isTrusted,
    now,
    wallNow: options.now,
  });
  const books = new Books({ spool, settler, credit, log });
  const tend = async (): Promise<void> => {
    const beat = {
      gatewayId,
      host: hostname(),
      spoolPending: books.pending,
      spoolOldestMs: Math.round(books.oldestMs),
    };
    await db.leases.heartbeat(beat);
    await credit.tend();
  };
  await tend();
  const onError = (error: unknown): void => log.warn('money.tend_failed', { reason: String(error) });
  const timers = [repeat(TEND_MS, tend, onError), repeat(ADOPT_MS, () => adoptSpools(adoption), onError)];
  return {
    books,
    credit,
    async close(patienceMs) {
      for (const timer of timers) clearInterval(timer);
      const isEmpty = (await settler.flush(patienceMs)) && settler.pending === 0;
      settler.stop();
      // With charges left, what is held stays held: the next start settles first and frees then.
      if (isEmpty) await db.leases.bury(gatewayId).catch(onError);
      await spool.close(isEmpty);
    },
  };
}

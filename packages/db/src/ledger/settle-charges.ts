import { type AppError, invariant, isAppError, toAppError } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import type { Pool } from 'pg';
import type { ChargeOutcome, WrittenCharge } from '../contract.ts';
import { databaseError } from '../database-error.ts';

/**
 * How many charges one statement takes. What a statement costs by itself is shared by its charges: on leases, 128 take a sixth less of
 * PostgreSQL each than 64 do, and more bring little. Those on holds are decided one by one, under a lock on every hold.
 */
const LEASED_MAX = 128;
const HELD_MAX = 64;

const LEASED = {
  name: 'bourse_settle_leased',
  text: `SELECT array_to_string(results, ',') AS results FROM bourse_settle_leased($1::text[], $2::json)`,
} as const;

const HELD = {
  name: 'bourse_settle_charges',
  text: `SELECT array_to_string(results, ',') AS results, array_to_string(charged, ',') AS charged
           FROM bourse_settle($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::jsonb)`,
} as const;

const VOID = {
  name: 'bourse_void_charges',
  text: `SELECT array_to_string(results, ',') AS results FROM bourse_void($1::text[], $2::text[], $3::jsonb)`,
} as const;

const UNIQUE_VIOLATION = '23505';

function jsonArray(charges: readonly WrittenCharge[]): string {
  return `[${charges.map(({ text }) => text).join(',')}]`;
}

function failed(charge: WrittenCharge, word: string): ChargeOutcome {
  const detail = `the ledger answered ${word} for ${charge.generationId}`;
  return { kind: 'failed', error: toAppError(new Error(detail)) };
}

/** Null = nothing was done: the lease cannot pay. */
async function settleLeased(pool: Pool, charges: readonly WrittenCharge[]): Promise<(ChargeOutcome | null)[]> {
  const organizationIds = [...new Set(charges.map(({ organizationId }) => organizationId))];
  const { rows } = await pool.query<{ results: string }>({ ...LEASED, values: [organizationIds, jsonArray(charges)] });
  const words = rows[0]?.results.split(',') ?? [];
  return charges.map((charge, index) => {
    const word = words[index];
    if (word === 'settled' || word === 'duplicate') return { kind: word, charged: charge.charge };
    return word === 'unleased' ? null : failed(charge, word ?? 'nothing');
  });
}

async function settleHeld(pool: Pool, charges: readonly WrittenCharge[]): Promise<ChargeOutcome[]> {
  const { rows } = await pool.query<{ results: string; charged: string }>({
    ...HELD,
    values: [
      charges.map(({ generationId }) => generationId),
      charges.map(({ organizationId }) => organizationId),
      charges.map(({ apiKeyId }) => apiKeyId),
      charges.map(({ charge }) => charge),
      charges.map(({ cost }) => cost),
      charges.map(({ providerSlug }) => providerSlug),
      jsonArray(charges),
    ],
  });
  const words = rows[0]?.results.split(',') ?? [];
  const charged = rows[0]?.charged.split(',') ?? [];
  return charges.map((charge, index) => {
    const word = words[index];
    if (word === 'settled' || word === 'late' || word === 'duplicate' || word === 'no_hold')
      return { kind: word, charged: nanodollars(BigInt(charged[index] ?? 0)) };
    return failed(charge, word ?? 'nothing');
  });
}

async function release(pool: Pool, charges: readonly WrittenCharge[]): Promise<ChargeOutcome[]> {
  await pool.query({
    ...VOID,
    values: [
      charges.map(({ generationId }) => generationId),
      charges.map(({ organizationId }) => organizationId),
      jsonArray(charges),
    ],
  });
  return charges.map(() => ({ kind: 'released', charged: nanodollars(0n) }));
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
}

/** How a batch is brought to the books, and what becomes of a charge that fails by itself. */
interface Booking<Result> {
  /** How many are run at once. */
  readonly batchMax: number;
  readonly run: (batch: readonly WrittenCharge[]) => Promise<Result[]>;
  readonly onBroken: (charge: WrittenCharge, error: unknown) => Promise<Result>;
}

/** Runs one batch; when it fails for a reason of its own, runs its items one by one, so that the bad one is alone. */
async function runBatch<Result>(batch: readonly WrittenCharge[], booking: Booking<Result>): Promise<Result[]> {
  try {
    return await booking.run(batch);
  } catch (error) {
    const mapped: AppError = databaseError(error);
    if (mapped.code === 'service_unavailable') throw mapped;
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) return [await booking.onBroken(only, error)];
    const results: Result[] = [];
    for (const charge of batch) results.push(...(await runBatch([charge], booking)));
    return results;
  }
}

async function each<Result>(charges: readonly WrittenCharge[], booking: Booking<Result>): Promise<Result[]> {
  const results: Result[] = [];
  const { batchMax } = booking;
  for (let start = 0; start < charges.length; start += batchMax)
    results.push(...(await runBatch(charges.slice(start, start + batchMax), booking)));
  return results;
}

async function toBroken(error: unknown): Promise<ChargeOutcome> {
  return { kind: 'failed', error: isAppError(error) ? error : toAppError(error) };
}

async function settleDirect(pool: Pool, charges: readonly WrittenCharge[]): Promise<ChargeOutcome[]> {
  return each(charges, {
    batchMax: HELD_MAX,
    run: (batch) => settleHeld(pool, batch),
    async onBroken(charge, error): Promise<ChargeOutcome> {
      if (!isUniqueViolation(error)) return toBroken(error);
      // The second fence: this generation was charged before in another way (by a lease, in an earlier life). Its hold is not needed.
      await release(pool, [charge]);
      return { kind: 'duplicate', charged: charge.charge };
    },
  });
}

/**
 * Books charges: those on leases in one statement per batch; those that their lease cannot pay, and those on holds of their own, one by
 * one within a batch; holds that nothing is owed for are given back. See `LeaseStore.settle`.
 */
export async function settleCharges(pool: Pool, charges: readonly WrittenCharge[]): Promise<readonly ChargeOutcome[]> {
  const outcomes = new Map<WrittenCharge, ChargeOutcome>();
  const keep = (batch: readonly WrittenCharge[], results: readonly (ChargeOutcome | null)[]): void =>
    batch.forEach((charge, index) => {
      const outcome = results[index];
      if (outcome) outcomes.set(charge, outcome);
    });
  const leased = charges.filter(({ leaseId }) => leaseId !== null);
  keep(
    leased,
    await each<ChargeOutcome | null>(leased, {
      batchMax: LEASED_MAX,
      run: (batch) => settleLeased(pool, batch),
      onBroken: (_charge, error) => toBroken(error),
    }),
  );
  const left = charges.filter((charge) => !outcomes.has(charge));
  const free = left.filter(
    ({ leaseId, charge, cost, hasLosses }) => leaseId === null && charge === 0n && cost === 0n && !hasLosses,
  );
  const owed = left.filter((charge) => !free.includes(charge));
  keep(owed, await settleDirect(pool, owed));
  keep(
    free,
    await each(free, {
      batchMax: HELD_MAX,
      run: (batch) => release(pool, batch),
      onBroken: (_charge, error) => toBroken(error),
    }),
  );
  return charges.map((charge) => {
    const outcome = outcomes.get(charge);
    invariant(outcome !== undefined, `a batch lost the charge of ${charge.generationId}`);
    return outcome;
  });
}

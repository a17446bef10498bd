import { AppError, assertNever, invariant } from '@bourse/errors';
import { type Nanodollars, nanodollars } from '@bourse/money';
import type { Pool } from 'pg';
import type {
  HoldRequest,
  ReleaseRequest,
  ReleaseResult,
  ReserveResult,
  SettleRequest,
  SettleResult,
} from '../contract.ts';
import { databaseError } from '../database-error.ts';
import { recordToJson } from './record-json.ts';

// One statement per batch, prepared once per connection. The lists come back joined by commas: none of their words has one, and
// splitting text is cheaper than parsing PostgreSQL's array syntax.

const RESERVE = {
  name: 'bourse_reserve',
  text: `SELECT array_to_string(results, ',') AS results, array_to_string(amounts, ',') AS amounts
           FROM bourse_reserve($1::text[], $2::text[], $3::text[], $4::bigint[], $5::integer[], $6::text[])`,
} as const;

const SETTLE = {
  name: 'bourse_settle',
  text: `SELECT array_to_string(results, ',') AS results, array_to_string(charged, ',') AS amounts
           FROM bourse_settle($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::jsonb)`,
} as const;

const VOID = {
  name: 'bourse_void',
  text: `SELECT array_to_string(results, ',') AS results, '' AS amounts FROM bourse_void($1::text[], $2::text[], $3::jsonb)`,
} as const;

interface Outcome {
  readonly word: string;
  readonly amount: Nanodollars;
}

async function call(
  pool: Pool,
  statement: { readonly name: string; readonly text: string },
  values: unknown[],
): Promise<Outcome[]> {
  try {
    const { rows } = await pool.query<{ results: string; amounts: string }>({ ...statement, values });
    const amounts = rows[0]?.amounts.split(',') ?? [];
    const words = rows[0]?.results.split(',') ?? [];
    return words.map((word, index) => ({ word, amount: nanodollars(BigInt(amounts[index] ?? 0)) }));
  } catch (error) {
    throw databaseError(error);
  }
}

/** What the SQL functions answer to an item that cannot be; thrown for that item alone. */
function broken(word: string, generationId: string): AppError {
  return new AppError('internal', 'Something failed on our side.', {
    detail: `invariant: the ledger answered ${word} for ${generationId}`,
  });
}

/** A result or the error of one item of a batch. */
export type Settled<Result> = { readonly ok: Result } | { readonly error: AppError };

function settled<Result>(
  ids: readonly string[],
  outcomes: readonly Outcome[],
  read: (outcome: Outcome) => Result | null,
): Settled<Result>[] {
  invariant(outcomes.length === ids.length, `the ledger answered ${outcomes.length} of ${ids.length} items`);
  return outcomes.map((outcome, index) => {
    const ok = read(outcome);
    return ok === null ? { error: broken(outcome.word, ids[index] ?? '?') } : { ok };
  });
}

function readReserve({ word, amount }: Outcome): ReserveResult | null {
  switch (word) {
    case 'held':
    case 'duplicate':
    case 'frozen':
    case 'key_inactive':
      return { kind: word };
    case 'insufficient_credits':
      return { kind: word, available: amount };
    case 'unknown_account':
      return { kind: 'insufficient_credits', available: nanodollars(0n) };
    case 'key_limit':
      return { kind: word, remaining: amount };
    default:
      return null;
  }
}

function readSettle({ word, amount }: Outcome): SettleResult | null {
  switch (word) {
    case 'settled':
    case 'late':
    case 'duplicate':
    case 'no_hold':
      return { kind: word, charged: amount };
    default:
      return null;
  }
}

function readRelease({ word }: Outcome): ReleaseResult | null {
  switch (word) {
    case 'released':
    case 'duplicate':
    case 'no_hold':
      return { kind: word };
    default:
      return null;
  }
}

function reserveValues(holds: readonly HoldRequest[]): unknown[] {
  return [
    holds.map((hold) => hold.generationId),
    holds.map((hold) => hold.organizationId),
    holds.map((hold) => hold.apiKeyId),
    holds.map((hold) => hold.amount),
    holds.map((hold) => hold.ttlMs),
    holds.map((hold) => hold.gatewayId),
  ];
}

function settleValues(requests: readonly SettleRequest[]): unknown[] {
  return [
    requests.map(({ record }) => record.id),
    requests.map(({ record }) => record.organizationId),
    requests.map(({ record }) => record.apiKeyId),
    requests.map(({ charge }) => charge),
    requests.map(({ cost }) => cost),
    requests.map(({ providerSlug }) => providerSlug),
    `[${requests.map(({ record }) => recordToJson(record)).join(',')}]`,
  ];
}

/** Reserves a batch of 1..64 in one round trip and one transaction; results in the order of the holds. */
export async function reserveBatch(pool: Pool, holds: readonly HoldRequest[]): Promise<Settled<ReserveResult>[]> {
  const outcomes = await call(pool, RESERVE, reserveValues(holds));
  return settled(
    holds.map((hold) => hold.generationId),
    outcomes,
    readReserve,
  );
}

/** Settles a batch of 1..64 in one round trip and one transaction; results in the order of the requests. */
export async function settleBatch(pool: Pool, requests: readonly SettleRequest[]): Promise<Settled<SettleResult>[]> {
  const outcomes = await call(pool, SETTLE, settleValues(requests));
  return settled(
    requests.map(({ record }) => record.id),
    outcomes,
    readSettle,
  );
}

/** Gives a batch of 1..64 holds back in one round trip. */
export async function releaseBatch(pool: Pool, requests: readonly ReleaseRequest[]): Promise<Settled<ReleaseResult>[]> {
  const ids = requests.map(({ generationId }) => generationId);
  const outcomes = await call(pool, VOID, [
    ids,
    requests.map(({ organizationId }) => organizationId),
    `[${requests.map(({ record }) => (record ? recordToJson(record) : 'null')).join(',')}]`,
  ]);
  return settled(ids, outcomes, readRelease);
}

/** The result, or throws the item's error. */
export function unwrap<Result>(outcome: Settled<Result>): Result {
  if ('error' in outcome) throw outcome.error;
  return 'ok' in outcome ? outcome.ok : assertNever(outcome);
}

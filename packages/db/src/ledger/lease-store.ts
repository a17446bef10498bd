import { AppError } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import type { Pool } from 'pg';
import type { LeaseRequest, LeaseResult, LeaseStore } from '../contract.ts';
import { settleCharges } from './settle-charges.ts';

async function extend(pool: Pool, request: LeaseRequest): Promise<LeaseResult> {
  const { rows } = await pool.query<{ result: string; granted: string; now_ms: string }>({
    name: 'bourse_extend_lease',
    text: `SELECT result, granted, now_ms
             FROM bourse_extend_lease($1, $2, $3, $4, $5, $6::bigint, $7::bigint, $8::bigint, $9::integer)`,
    values: [
      request.leaseId,
      request.organizationId,
      request.apiKeyId,
      request.isLimited,
      request.gatewayId,
      request.needed,
      request.slabMax,
      request.slabMin,
      request.ttlMs,
    ],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('no answer to bourse_extend_lease');
  switch (row.result) {
    case 'granted':
      return { kind: 'granted', granted: nanodollars(BigInt(row.granted)), nowMs: Number(row.now_ms) };
    case 'low':
    case 'fenced':
    case 'frozen':
    case 'key_inactive':
      return { kind: row.result };
    // Nobody ever gave this organization credits: the reserve says so to the customer.
    case 'unknown_account':
      return { kind: 'low' };
    default:
      throw new AppError('internal', 'Something failed on our side.', {
        detail: `a lease was answered ${row.result}`,
      });
  }
}

async function scalar<Value>(pool: Pool, text: string, values: unknown[]): Promise<Value> {
  const { rows } = await pool.query<{ value: Value }>({ name: text.slice(7, text.indexOf('(')), text, values });
  const [row] = rows;
  if (row === undefined) throw new Error(`no answer to ${text}`);
  return row.value;
}

/** Leases, their settlement and the heartbeat of gateways go through the money connections. */
export function createLeaseStore(pool: Pool): LeaseStore {
  return {
    extend: (request) => extend(pool, request),
    renew: async ({ leaseIds, gatewayId, ttlMs }) =>
      new Set(
        await scalar<string[]>(pool, 'SELECT bourse_renew_leases($1::text[], $2, $3::integer) AS value', [
          leaseIds,
          gatewayId,
          ttlMs,
        ]),
      ),
    giveBack: ({ leaseId, gatewayId, amount }) =>
      scalar<boolean>(pool, 'SELECT bourse_return_lease($1, $2, $3::bigint, $4::boolean) AS value', [
        leaseId,
        gatewayId,
        amount === 'all' ? 0n : amount,
        amount === 'all',
      ]),
    recall: ({ organizationId, gatewayId, asks }) =>
      scalar<number>(pool, 'SELECT bourse_recall_leases($1, $2, $3::boolean) AS value', [
        organizationId,
        gatewayId,
        asks,
      ]),
    fence: ({ graceMs, limit }) =>
      scalar<number>(pool, 'SELECT bourse_fence_leases($1::integer, $2::integer) AS value', [graceMs, limit]),
    settle: (charges) => settleCharges(pool, charges),
    heartbeat: async ({ gatewayId, host, spoolPending, spoolOldestMs }) => {
      await pool.query({
        name: 'bourse_heartbeat',
        text: `INSERT INTO gateway (id, host, spool_pending, spool_oldest_ms) VALUES ($1, $2, $3, $4)
               ON CONFLICT (id) DO UPDATE SET seen_at = clock_timestamp(), spool_pending = excluded.spool_pending,
                                              spool_oldest_ms = excluded.spool_oldest_ms`,
        values: [gatewayId, host, spoolPending, spoolOldestMs],
      });
    },
    living: async ({ gatewayIds, withinMs }) => {
      const { rows } = await pool.query<{ id: string }>(
        `SELECT id FROM gateway WHERE id = ANY ($1) AND stopped_at IS NULL
            AND seen_at > clock_timestamp() - $2::integer * interval '1 millisecond'`,
        [gatewayIds, withinMs],
      );
      return new Set(rows.map(({ id }) => id));
    },
    bury: async (gatewayId) => {
      const { rows } = await pool.query<{ leases: number; holds: number }>(
        'SELECT leases, holds FROM bourse_bury_gateway($1)',
        [gatewayId],
      );
      return rows[0] ?? { leases: 0, holds: 0 };
    },
  };
}

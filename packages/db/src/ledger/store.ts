import { AppError, invariant } from '@bourse/errors';
import { type Nanodollars, nanodollars } from '@bourse/money';
import type { Pool } from 'pg';
import type { Balance, LedgerLine, LedgerStore, LedgerTotals, Page, PageRequest } from '../contract.ts';
import { databaseError } from '../database-error.ts';
import { creditsAccountId, promoAccountId } from './accounts.ts';
import { coalesce } from './coalescer.ts';
import { releaseBatch, reserveBatch, settleBatch, unwrap } from './money-calls.ts';
import { grantEntries, post, type Queryable } from './post.ts';
import { refund } from './refund.ts';

/** A batch takes a millisecond or two; one that takes longer waits for a lock, and others need not wait with it. */
const batching = {
  batchMax: 64,
  concurrencyMax: 2,
  patienceMs: 10,
  lingerMs: 3,
  now: () => performance.now(),
} as const;

interface BalanceRow {
  readonly posted: string;
  readonly promo: string;
  readonly held: string;
  readonly available: string;
  readonly is_frozen: boolean;
}

async function balance(sql: Queryable, organizationId: string): Promise<Balance> {
  const { rows } = await sql.query<BalanceRow>({
    name: 'bourse_balance',
    text: `SELECT a.posted_nanodollars AS posted, a.promo_nanodollars AS promo, a.held_nanodollars AS held, a.is_frozen,
                  a.posted_nanodollars - a.held_nanodollars - a.floor_nanodollars + l.rest AS available
             FROM ledger_account a
             CROSS JOIN LATERAL (SELECT coalesce(sum(amount_nanodollars - used_nanodollars), 0) AS rest
                                   FROM lease WHERE account_id = a.id AND state = 'open') l
            WHERE a.organization_id = $1`,
    values: [organizationId],
  });
  const row = rows[0] ?? { posted: '0', promo: '0', held: '0', available: '0', is_frozen: false };
  return {
    posted: amount(row.posted),
    promo: amount(row.promo),
    held: amount(row.held),
    available: amount(row.available),
    isFrozen: row.is_frozen,
  };
}

/** Usage comes from the key windows, which are exact and few; the rest of the posted balance is what was credited. */
async function totals(sql: Queryable, organizationId: string): Promise<LedgerTotals> {
  const { rows } = await sql.query<{ posted: string; used: string }>({
    name: 'bourse_totals',
    text: `SELECT coalesce((SELECT posted_nanodollars FROM ledger_account WHERE organization_id = $1), 0) AS posted,
                  coalesce((SELECT sum(w.used_nanodollars) FROM api_key k JOIN key_window w ON w.api_key_id = k.id
                             WHERE k.organization_id = $1), 0) AS used`,
    values: [organizationId],
  });
  const used = BigInt(rows[0]?.used ?? 0);
  return { totalCredits: nanodollars(BigInt(rows[0]?.posted ?? 0) + used), totalUsage: nanodollars(used) };
}

function amount(text: string): Nanodollars {
  return nanodollars(BigInt(text));
}

interface LineRow {
  readonly id: string;
  readonly kind: LedgerLine['kind'];
  readonly amount: string;
  readonly promo: string;
  readonly reference: string;
  readonly flags: string[];
  readonly created_at: Date;
}

/** The newest lines of one account, along its index. */
const newest = (account: string) => `(
  SELECT transaction_id, account_id, sum(amount_nanodollars) AS amount FROM ledger_entry
   WHERE account_id = ${account} AND account_id LIKE 'org:%' AND transaction_id < $2
   GROUP BY 1, 2 ORDER BY transaction_id DESC LIMIT $3 + 1)`;

/** Both accounts of an organization. What only moved between them (once, when they were parted) is no movement of its credits. */
const LINES = `
  SELECT t.id, t.kind, e.amount, e.promo, t.reference, t.flags, t.created_at
    FROM (SELECT u.transaction_id, sum(u.amount) AS amount, coalesce(sum(u.amount) FILTER (WHERE u.account_id = $4), 0) AS promo
            FROM (${newest('$1')} UNION ALL ${newest('$4')}) u
           GROUP BY 1 HAVING sum(u.amount) <> 0 ORDER BY 1 DESC LIMIT $3) e
    JOIN ledger_transaction t ON t.id = e.transaction_id ORDER BY t.id DESC`;

const CURSOR = /^\d{1,19}$/;

async function listEntries(sql: Queryable, organizationId: string, page: PageRequest): Promise<Page<LedgerLine>> {
  const limit = Math.min(Math.max(Math.trunc(page.limit), 1), 500);
  if (page.cursor !== undefined && !CURSOR.test(page.cursor))
    throw new AppError('invalid_request', 'The cursor is not one of ours.');
  const { rows } = await sql.query<LineRow>({
    name: 'bourse_list_entries',
    text: LINES,
    values: [
      creditsAccountId(organizationId),
      page.cursor ?? '9223372036854775807',
      limit + 1,
      promoAccountId(organizationId),
    ],
  });
  const lines = rows.slice(0, limit).map(
    (row): LedgerLine => ({
      id: row.id,
      kind: row.kind,
      amount: amount(row.amount),
      promo: amount(row.promo),
      reference: row.reference,
      flags: row.flags,
      createdAt: row.created_at,
    }),
  );
  return { rows: lines, nextCursor: rows.length > limit ? (lines.at(-1)?.id ?? null) : null };
}

/** Money calls go through `moneyPool` in batches, everything else through `pool`. */
export function createLedgerStore(moneyPool: Pool, pool: Pool): LedgerStore {
  const inBatches = <Item, Result>(run: (pool: Pool, batch: readonly Item[]) => Promise<readonly Result[]>) =>
    coalesce({ ...batching, run: (batch: readonly Item[]) => run(moneyPool, batch) });
  const reserve = inBatches(reserveBatch);
  const settle = inBatches(settleBatch);
  const release = inBatches(releaseBatch);
  const mapped = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work;
    } catch (error) {
      throw databaseError(error);
    }
  };
  return {
    reserve: async (hold) => {
      invariant(hold.amount >= 0n, `a hold of ${hold.amount} for ${hold.generationId}`);
      return unwrap(await reserve(hold));
    },
    settle: async (request) => {
      invariant(
        request.charge >= 0n && request.cost >= 0n,
        `a charge of ${request.charge}, cost ${request.cost} for ${request.record.id}`,
      );
      return unwrap(await settle(request));
    },
    release: async (request) => {
      const { record } = request;
      const isOwn = !record || (record.id === request.generationId && record.organizationId === request.organizationId);
      invariant(isOwn, `the record of ${record?.id} does not belong to the hold ${request.generationId}`);
      return unwrap(await release(request));
    },
    expireHolds: (limit) =>
      mapped(
        moneyPool
          .query<{ ended: number }>('SELECT bourse_expire_holds($1) AS ended', [limit])
          .then(({ rows }) => rows[0]?.ended ?? 0),
      ),
    post: (request) => mapped(post(pool, request)),
    grant: (request) => mapped(Promise.resolve(request).then((grant) => post(pool, grantEntries(grant)))),
    refund: (request) => mapped(Promise.resolve(request).then((each) => refund(pool, each))),
    balance: (organizationId) => mapped(balance(pool, organizationId)),
    totals: (organizationId) => mapped(totals(pool, organizationId)),
    listEntries: (organizationId, page) => mapped(listEntries(pool, organizationId, page)),
    setFrozen: ({ organizationId, isFrozen }) =>
      mapped(
        pool
          .query('UPDATE ledger_account SET is_frozen = $2 WHERE organization_id = $1', [organizationId, isFrozen])
          .then(() => undefined),
      ),
    openHolds: () => mapped(openHolds(pool)),
  };
}

async function openHolds(sql: Queryable): Promise<{ readonly count: number; readonly overdue: number }> {
  const { rows } = await sql.query<{ count: number; overdue: number }>(
    `SELECT count(*)::integer AS count, count(*) FILTER (WHERE expires_at < clock_timestamp())::integer AS overdue
       FROM hold WHERE state = 'held'`,
  );
  return rows[0] ?? { count: 0, overdue: 0 };
}

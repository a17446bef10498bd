import { createHash } from 'node:crypto';
import { AppError, invariant } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import type { Pool } from 'pg';
import type { GrantRequest, PostRequest, PostResult } from '../contract.ts';
import { houseAccounts, promoAccountId } from './accounts.ts';

/** What runs SQL: a pool, or a client within a transaction of its own. */
export type Queryable = Pick<Pool, 'query'>;

function assertPost(request: PostRequest): void {
  const sum = request.entries.reduce((total, entry) => total + entry.amount, 0n);
  invariant(request.entries.length >= 2 && sum === 0n, `entries of ${request.idempotencyKey} are not balanced: ${sum}`);
  invariant(!request.entries.some((entry) => entry.amount === 0n), `an entry of ${request.idempotencyKey} is zero`);
}

/** What makes two posts with the same key the same post. */
function requestHash(request: PostRequest): string {
  const content = [
    request.kind,
    request.reference,
    // A tenant is named by one account: grants that were posted before promotional credit had one of its own are the same grants.
    ...request.entries.map(
      (entry) => `${entry.ledgerAccountId.replace(/^(org:.*):promo$/, '$1:credits')}=${entry.amount}`,
    ),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** Posts within whatever transaction `sql` is in. */
export async function post(sql: Queryable, request: PostRequest): Promise<PostResult> {
  assertPost(request);
  const { rows } = await sql.query<{ result: string }>({
    name: 'bourse_post',
    text: 'SELECT bourse_post($1, $2, $3, $4, $5, $6::text[], $7::text[], $8::bigint[]) AS result',
    values: [
      request.idempotencyKey,
      requestHash(request),
      request.kind,
      request.reference,
      request.actor,
      request.flags ?? [],
      request.entries.map((entry) => entry.ledgerAccountId),
      request.entries.map((entry) => entry.amount),
    ],
  });
  const result = rows[0]?.result;
  if (result === 'posted' || result === 'duplicate') return { kind: result };
  const detail = `post ${request.idempotencyKey}: ${result}`;
  if (result === 'conflict')
    throw new AppError('conflict', 'The same idempotency key was used for something else.', { detail });
  if (result === 'insufficient_credits')
    throw new AppError('insufficient_credits', 'There are not enough credits for that.', { detail });
  throw new AppError('internal', 'Something failed on our side.', { detail: `invariant: ${detail}` });
}

/** A grant as the entries that it is: promotional credit. */
export function grantEntries(request: GrantRequest): PostRequest {
  const { organizationId, amount: credits, ...rest } = request;
  invariant(credits > 0n, `a grant of ${credits}`);
  return {
    ...rest,
    kind: 'grant',
    entries: [
      { ledgerAccountId: promoAccountId(organizationId), amount: credits },
      { ledgerAccountId: houseAccounts.promoExpense, amount: nanodollars(-credits) },
    ],
  };
}

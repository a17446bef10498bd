import { AppError, invariant } from '@bourse/errors';
import { nanodollars } from '@bourse/money';
import type { RefundRequest, RefundResult } from '../contract.ts';
import type { Queryable } from './post.ts';

interface RefundRow {
  readonly result: string;
  readonly paid: string;
  readonly promo: string;
}

/** Gives back a charge or a part of it; see `LedgerStore.refund`. */
export async function refund(sql: Queryable, request: RefundRequest): Promise<RefundResult> {
  const { idempotencyKey, generationId, organizationId, amount, actor } = request;
  invariant(amount > 0n, `a refund of ${amount} for ${generationId}`);
  const { rows } = await sql.query<RefundRow>({
    name: 'bourse_refund',
    text: 'SELECT result, paid, promo FROM bourse_refund($1, $2, $3, $4, $5)',
    values: [idempotencyKey, generationId, organizationId, amount, actor],
  });
  const [row] = rows;
  if (row === undefined) throw new Error('no answer to bourse_refund');
  switch (row.result) {
    case 'refunded':
      return { kind: row.result, paid: nanodollars(BigInt(row.paid)), promo: nanodollars(BigInt(row.promo)) };
    case 'duplicate':
    case 'exceeds_charge':
    case 'unknown_charge':
      return { kind: row.result };
    case 'conflict':
      throw new AppError('conflict', 'The same idempotency key was used for something else.', {
        detail: `refund ${idempotencyKey}`,
      });
    default:
      throw new AppError('internal', 'Something failed on our side.', {
        detail: `invariant: refund ${idempotencyKey}: ${row.result}`,
      });
  }
}

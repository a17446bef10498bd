import { generateId } from '@bourse/ids';
import { type Nanodollars, nanodollars, nanodollarsFromCents } from '@bourse/money';
import type { PoolClient } from 'pg';
import type { Connection } from '../connection.ts';
import type {
  PaymentStore,
  StripeEventFacts,
  StripeEventResult,
  StripeExpectations,
  TopupRecord,
  TopupState,
} from '../contract.ts';
import { withDatabaseErrors } from '../database-error.ts';
import { creditsAccountId, houseAccounts } from '../ledger/accounts.ts';
import { post } from '../ledger/post.ts';
import { enqueue } from '../operations/outbox.ts';
import { inTransaction } from './transaction.ts';

interface TopupRow {
  readonly id: string;
  readonly organization_id: string;
  readonly user_id: string | null;
  readonly amount_nanodollars: string;
  readonly amount_cents: number;
  readonly fee_cents: number;
  readonly currency: string;
  readonly checkout_session_id: string | null;
  readonly payment_intent_id: string | null;
  readonly state: TopupState;
  readonly created_at: Date;
  readonly granted_at: Date | null;
}

function topupOf(row: TopupRow): TopupRecord {
  return {
    id: row.id,
    organizationId: row.organization_id,
    userId: row.user_id,
    amount: nanodollars(BigInt(row.amount_nanodollars)),
    amountCents: row.amount_cents,
    feeCents: row.fee_cents,
    currency: row.currency,
    checkoutSessionId: row.checkout_session_id,
    paymentIntentId: row.payment_intent_id,
    state: row.state,
    createdAt: row.created_at,
    grantedAt: row.granted_at,
  };
}

/** The row that an event speaks of, locked. Our own id wins; the payment's ids find it when an event does not carry ours. */
async function lockTopup(client: PoolClient, facts: StripeEventFacts): Promise<TopupRow | null> {
  const { rows } = await client.query<TopupRow>(
    `SELECT * FROM topup
      WHERE id = $1 OR ($1::text IS NULL AND (checkout_session_id = $2 OR payment_intent_id = $3))
      ORDER BY id LIMIT 1 FOR UPDATE`,
    [facts.topupId, facts.checkoutSessionId, facts.paymentIntentId],
  );
  return rows[0] ?? null;
}

/** What in the event contradicts our own row; null when nothing does. */
function contradiction(row: TopupRow, facts: StripeEventFacts): string | null {
  const expectedCents = row.amount_cents + row.fee_cents;
  if (facts.outcome === 'paid' && (facts.amountTotalCents === null || facts.currency === null)) {
    return 'a payment that does not say how much of what';
  }
  if (facts.amountTotalCents !== null && facts.amountTotalCents !== expectedCents) {
    return `the payment is of ${facts.amountTotalCents} cents, the purchase of ${expectedCents}`;
  }
  if (facts.currency !== null && facts.currency.toLowerCase() !== row.currency) {
    return `the payment is in ${facts.currency}, the purchase in ${row.currency}`;
  }
  if (
    row.checkout_session_id !== null &&
    facts.checkoutSessionId !== null &&
    facts.checkoutSessionId !== row.checkout_session_id
  ) {
    return 'the event is of another checkout session';
  }
  if (
    row.payment_intent_id !== null &&
    facts.paymentIntentId !== null &&
    facts.paymentIntentId !== row.payment_intent_id
  ) {
    return 'the event is of another payment';
  }
  return null;
}

async function updateTopup(
  client: PoolClient,
  row: TopupRow,
  change: { readonly state: TopupState; readonly facts: StripeEventFacts },
): Promise<TopupRecord> {
  const { rows } = await client.query<TopupRow>(
    `UPDATE topup SET state = $2, checkout_session_id = coalesce(checkout_session_id, $3), payment_intent_id = coalesce(payment_intent_id, $4),
            granted_at = CASE WHEN $2 = 'granted' THEN clock_timestamp() END
      WHERE id = $1 RETURNING *`,
    [row.id, change.state, change.facts.checkoutSessionId, change.facts.paymentIntentId],
  );
  return topupOf(rows[0] ?? row);
}

/** The amount comes from our row, never from the event; the key is the payment, so any number of events grants once. */
async function grant(client: PoolClient, row: TopupRow, facts: StripeEventFacts): Promise<StripeEventResult> {
  const paymentIntentId = facts.paymentIntentId ?? row.payment_intent_id;
  if (paymentIntentId === null) return { kind: 'refused', reason: 'a paid event without a payment' };
  const amount = nanodollars(BigInt(row.amount_nanodollars));
  const fee = nanodollarsFromCents(row.fee_cents);
  const entries: { ledgerAccountId: string; amount: Nanodollars }[] = [
    { ledgerAccountId: creditsAccountId(row.organization_id), amount },
    { ledgerAccountId: houseAccounts.stripeClearing, amount: nanodollars(-amount - fee) },
  ];
  if (fee > 0n) entries.push({ ledgerAccountId: houseAccounts.fees, amount: fee });
  const { kind } = await post(client, {
    idempotencyKey: `topup:${paymentIntentId}`,
    kind: 'topup',
    reference: row.id,
    actor: 'stripe',
    entries,
  });
  const topup = await updateTopup(client, row, { state: 'granted', facts });
  if (kind !== 'posted') return { kind: 'duplicate' };
  await enqueue(client, {
    topic: 'topup.granted',
    key: `topup.granted:${row.id}`,
    body: { topupId: row.id, organizationId: row.organization_id },
  });
  return { kind: 'granted', topup };
}

async function applyEvent(client: PoolClient, facts: StripeEventFacts): Promise<StripeEventResult> {
  if (facts.outcome === null) return { kind: 'ignored' };
  const row = await lockTopup(client, facts);
  if (row === null) return { kind: 'ignored' };
  const reason = contradiction(row, facts);
  if (reason !== null) return { kind: 'refused', reason };
  if (row.state === 'granted') return { kind: 'duplicate' };
  if (facts.outcome === 'paid') return grant(client, row, facts);
  // Lower ranks never overwrite: only a purchase that is still open can expire or fail.
  if (row.state !== 'created') return { kind: 'ignored' };
  return { kind: 'updated', topup: await updateTopup(client, row, { state: facts.outcome, facts }) };
}

async function recordStripeEvent(
  client: PoolClient,
  facts: StripeEventFacts,
  expected: StripeExpectations,
): Promise<StripeEventResult> {
  const { rowCount } = await client.query(
    `INSERT INTO stripe_event (id, type, livemode, object_id, payload_sha256, status) VALUES ($1, $2, $3, $4, $5, 'received')
     ON CONFLICT (id) DO NOTHING`,
    [facts.eventId, facts.type, facts.isLivemode, facts.objectId, facts.payloadSha256],
  );
  if (rowCount === 0) return { kind: 'duplicate' };
  const result: StripeEventResult =
    facts.isLivemode === expected.isLivemode
      ? await applyEvent(client, facts)
      : { kind: 'refused', reason: 'a test event in live mode, or the reverse' };
  await client.query('UPDATE stripe_event SET status = $2 WHERE id = $1', [facts.eventId, result.kind]);
  return result;
}

/** Purchases and the webhook events that complete them. */
export function createPaymentStore({ pool }: Pick<Connection, 'pool'>): PaymentStore {
  return withDatabaseErrors<PaymentStore>({
    async createTopup(topup) {
      const { rows } = await pool.query<TopupRow>(
        `INSERT INTO topup (id, organization_id, user_id, amount_nanodollars, amount_cents, fee_cents, currency)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *`,
        [
          generateId('top'),
          topup.organizationId,
          topup.userId,
          nanodollarsFromCents(topup.amountCents),
          topup.amountCents,
          topup.feeCents,
          topup.currency.toLowerCase(),
        ],
      );
      const [row] = rows;
      if (row === undefined) throw new Error('an insert returned no row');
      return topupOf(row);
    },
    async attachCheckoutSession({ topupId, checkoutSessionId }) {
      await pool.query('UPDATE topup SET checkout_session_id = $2 WHERE id = $1 AND checkout_session_id IS NULL', [
        topupId,
        checkoutSessionId,
      ]);
    },
    async find({ topupId, organizationId }) {
      const { rows } = await pool.query<TopupRow>('SELECT * FROM topup WHERE id = $1 AND organization_id = $2', [
        topupId,
        organizationId,
      ]);
      return rows[0] === undefined ? null : topupOf(rows[0]);
    },
    recordStripeEventAndGrant: (facts, expected) =>
      inTransaction(pool, (client) => recordStripeEvent(client, facts, expected)),
    async list(organizationId) {
      const { rows } = await pool.query<TopupRow>(
        'SELECT * FROM topup WHERE organization_id = $1 ORDER BY created_at DESC, id DESC',
        [organizationId],
      );
      return rows.map(topupOf);
    },
  });
}

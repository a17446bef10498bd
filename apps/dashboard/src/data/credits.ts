import 'server-only';
import { authorize, isAllowed } from '@bourse/access';
import type { Balance, LedgerLine, LedgerTotals, Page, PageRequest, StripeEventResult, TopupRecord } from '@bourse/db';
import { AppError } from '@bourse/errors';
import { feeForPurchase, type PurchaseFeeRule } from '@bourse/money';
import {
  PURCHASE_CENTS_MAX,
  PURCHASE_CENTS_MIN,
  PURCHASE_CURRENCY,
  PURCHASE_FEE_CENTS_MIN,
  type StripeEventFacts,
} from '@bourse/payments';
import { env } from '../env.ts';
import { creditsPlace } from '../site/navigation.ts';
import { countDeed } from './action-limits.ts';
import { database } from './database.ts';
import { pageOrFirst } from './page-or-first.ts';
import { payments } from './payments.ts';
import type { Session } from './session.ts';

export type { LedgerLine, Page, StripeEventResult, TopupRecord, TopupState } from '@bourse/db';

/** What the organization has. `totals` add up to the posted balance. */
export type CreditsOverview = { balance: Balance; totals: LedgerTotals };

/** The balance with what is held for calls that are running. */
export async function creditsOverview(session: Session): Promise<CreditsOverview> {
  authorize(session, 'credits.read');
  const { ledger } = database();
  const [balance, totals] = await Promise.all([
    ledger.balance(session.organizationId),
    ledger.totals(session.organizationId),
  ]);
  return { balance, totals };
}

const LINES_PER_PAGE = 25;

/** A page of the organization's ledger, newest first. A cursor that is not one gives the first page. */
export async function ledgerPage(session: Session, cursor: string | null): Promise<Page<LedgerLine>> {
  authorize(session, 'credits.read');
  const list = (page: PageRequest) => database().ledger.listEntries(session.organizationId, page);
  return pageOrFirst(list, { limit: LINES_PER_PAGE, cursor });
}

/** The purchases of the organization, newest first. */
export async function listPurchases(session: Session): Promise<readonly TopupRecord[]> {
  authorize(session, 'credits.read');
  return database().payments.list(session.organizationId);
}

/** One purchase of the organization; null when it has no such one. */
export async function findPurchase(session: Session, topupId: string): Promise<TopupRecord | null> {
  authorize(session, 'credits.read');
  return database().payments.find({ topupId, organizationId: session.organizationId });
}

/** What may be bought, and at which fee. */
export type PurchaseTerms = { centsMin: number; centsMax: number; fee: PurchaseFeeRule };

/** The terms for everybody. */
export function purchaseTerms(): PurchaseTerms {
  return {
    centsMin: PURCHASE_CENTS_MIN,
    centsMax: PURCHASE_CENTS_MAX,
    fee: { feeBps: env().BOURSE_TOPUP_FEE_BPS, feeCentsMin: PURCHASE_FEE_CENTS_MIN },
  };
}

/** Whether this person may buy for the organization. */
export function mayPurchase(session: Session): boolean {
  return isAllowed(session, 'credits.purchase');
}

/**
 * Notes the purchase and opens a checkout for it; the answer is where to pay. Nothing is granted here: that is for the webhook, by the
 * amount that is noted now.
 */
export async function startPurchase(session: Session, amountCents: number): Promise<{ checkoutUrl: string }> {
  authorize(session, 'credits.purchase');
  const { centsMin, centsMax, fee } = purchaseTerms();
  if (!Number.isSafeInteger(amountCents) || amountCents < centsMin || amountCents > centsMax) {
    throw new AppError('invalid_request', 'Choose an amount from $5 to $10,000.', {
      metadata: { field: 'amountCents' },
    });
  }
  await countDeed({
    source: 'checkout',
    whose: session.organizationId,
    perHour: env().BOURSE_CHECKOUTS_PER_HOUR,
  });
  const books = database().payments;
  const topup = await books.createTopup({
    organizationId: session.organizationId,
    userId: session.userId,
    amountCents,
    feeCents: feeForPurchase(amountCents, fee),
    currency: PURCHASE_CURRENCY,
  });
  const page = `${env().BOURSE_DASHBOARD_URL}${creditsPlace.href}`;
  const checkout = await payments().createCheckout({
    topup,
    customerEmail: session.email,
    successUrl: `${page}?topup=${topup.id}`,
    cancelUrl: page,
  });
  await books.attachCheckoutSession({ topupId: topup.id, checkoutSessionId: checkout.id });
  return { checkoutUrl: checkout.url };
}

/** Hands the facts of a verified webhook to the books, which grant once however often and in whichever order they come. */
export function recordStripeEvent(facts: StripeEventFacts): Promise<StripeEventResult> {
  return database().payments.recordStripeEventAndGrant(facts, { isLivemode: payments().isLivemode });
}

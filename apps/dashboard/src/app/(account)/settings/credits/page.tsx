import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { AccountPage } from '../../../../components/account/account-page.tsx';
import { PurchaseStatus } from '../../../../components/credits/purchase-status.tsx';
import {
  creditsOverview,
  findPurchase,
  ledgerPage,
  listPurchases,
  mayPurchase,
  purchaseTerms,
} from '../../../../data/credits.ts';
import { requireSession } from '../../../../data/session.ts';
import { CreditsReport } from './_components/credits-report.tsx';
import { loadCreditsParams } from './search-params.ts';

export const metadata: Metadata = { title: 'Credits' };

const path = '/settings/credits';

export default async function CreditsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { topup, cursor } = await loadCreditsParams(searchParams);
  const session = await requireSession();
  // First: a purchase that is said to be added must be in the balance below it, and the grant may come between two reads.
  const returned = topup === null ? null : await findPurchase(session, topup);
  const [overview, ledger, purchases] = await Promise.all([
    creditsOverview(session),
    ledgerPage(session, cursor),
    listPurchases(session),
  ]);
  return (
    <AccountPage href={path} title="Credits">
      {returned ? <PurchaseStatus purchase={returned} /> : null}
      <CreditsReport
        cursor={cursor}
        ledger={ledger}
        overview={overview}
        purchases={purchases}
        terms={mayPurchase(session) ? purchaseTerms() : null}
      />
    </AccountPage>
  );
}

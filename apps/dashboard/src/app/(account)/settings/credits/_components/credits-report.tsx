import { Card, CardContent } from '@bourse/ui';
import { CursorPager } from '../../../../../components/account/cursor-pager.tsx';
import { BalanceCard } from '../../../../../components/credits/balance-card.tsx';
import { BuyCredits } from '../../../../../components/credits/buy-credits.tsx';
import { LedgerTable } from '../../../../../components/credits/ledger-table.tsx';
import { PurchaseTable } from '../../../../../components/credits/purchase-table.tsx';
import { Section } from '../../../../../components/page.tsx';
import type { CreditsOverview, LedgerLine, Page, PurchaseTerms, TopupRecord } from '../../../../../data/credits.ts';
import { creditsPlace } from '../../../../../site/navigation.ts';
import { creditsHref } from '../search-params.ts';

type CreditsReportProps = {
  overview: CreditsOverview;
  /** Null when this person may not buy. */
  terms: PurchaseTerms | null;
  purchases: readonly TopupRecord[];
  ledger: Page<LedgerLine>;
  cursor: string | null;
};

/** Balance and purchase side by side, then the two lists. */
export function CreditsReport({ overview, terms, purchases, ledger, cursor }: CreditsReportProps) {
  return (
    <div className="grid grid-cols-1 gap-10">
      <div className="grid grid-cols-1 items-start gap-6 lg:grid-cols-2">
        <Section title="Balance">
          <BalanceCard overview={overview} />
        </Section>
        <Section title="Buy credits">
          <Card>
            <CardContent>
              {terms ? (
                <BuyCredits terms={terms} />
              ) : (
                <p className="text-muted-foreground text-sm">Owners and admins of the organization buy credits.</p>
              )}
            </CardContent>
          </Card>
        </Section>
      </div>
      <Section title="Purchases">
        <Card>
          <PurchaseTable purchases={purchases} />
        </Card>
      </Section>
      <Section description="Every movement of your credits, newest first, exact." id="ledger" title="Ledger">
        <Card>
          <LedgerTable lines={ledger.rows} />
          <CursorPager
            firstHref={cursor === null ? null : `${creditsPlace.href}#ledger`}
            label="Pages of the ledger"
            nextHref={
              ledger.nextCursor === null
                ? null
                : `${creditsPlace.href}${creditsHref({ cursor: ledger.nextCursor })}#ledger`
            }
          />
        </Card>
      </Section>
    </div>
  );
}

import { formatUsd, type Nanodollars, nanodollars } from '@bourse/money';
import { Card, CardContent, Stat } from '@bourse/ui';
import type { CreditsOverview } from '../../data/credits.ts';
import { Money, moneyText } from '../format/money.tsx';

/** What can be spent, and how it comes about. */
export function BalanceCard({ overview }: { overview: CreditsOverview }) {
  const { balance, totals } = overview;
  const paid = nanodollars(balance.posted - balance.promo);
  return (
    <Card>
      <CardContent className="grid gap-5">
        <div>
          <p className="text-subtle-foreground text-xs">Available</p>
          <p className="numeric mt-1 font-semibold text-4xl tracking-tight">
            <ExactBalance amount={balance.available} />
          </p>
          {balance.isFrozen ? (
            <p className="mt-2 text-danger-text text-sm" role="alert">
              This organization is frozen: it can read, and cannot spend. Write to the operator.
            </p>
          ) : null}
        </div>
        <dl className="grid grid-cols-2 gap-x-6 gap-y-4">
          <Stat label="Balance" note="In the books" value={<Money amount={balance.posted} exact />} />
          <Stat
            label="Held"
            note="For calls that are running"
            value={<Money amount={nanodollars(balance.posted - balance.available)} exact />}
          />
          <Stat label="Purchased" note="Of the balance" value={<Money amount={paid} exact />} />
          <Stat label="Granted" note="Of the balance, used first" value={<Money amount={balance.promo} exact />} />
          <Stat label="Bought and granted" note="In all" value={<Money amount={totals.totalCredits} exact />} />
          <Stat label="Used" note="In all" value={<Money amount={totals.totalUsage} exact />} />
        </dl>
      </CardContent>
    </Card>
  );
}

/** Every digit, with those below a cent in the background: rounding would show credits that are spent as still there. */
function ExactBalance({ amount }: { amount: Nanodollars }) {
  const text = moneyText(amount, { exact: true });
  const cents = text.indexOf('.') + 3;
  return (
    <data value={formatUsd(amount)}>
      {text.slice(0, cents)}
      <span className="text-subtle-foreground text-xl">{text.slice(cents)}</span>
    </data>
  );
}

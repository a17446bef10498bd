import { chargeTotal, formatLineUsd, formatUsdPerMillion, type Nanodollars } from '@bourse/money';
import { Card, CardContent, EmptyState } from '@bourse/ui';
import { ReceiptText } from 'lucide-react';
import type { ReactNode } from 'react';
import type { StoredGeneration } from '../../data/activity.ts';
import { dollars, trimFraction } from '../format/decimal.ts';
import { Money } from '../format/money.tsx';
import { BasisPoints } from '../format/percent.tsx';
import { Count } from '../format/tokens.tsx';
import { meterWords } from './meter-words.ts';

/** How a charge came about: every quantity at its price, the markup, the one rounding, and what was taken. */
export function ReceiptCard({ generation }: { generation: StoredGeneration }) {
  const { receipt, charge } = generation;
  if (receipt === null) {
    return (
      <Card>
        <EmptyState icon={ReceiptText} title="Nothing was charged">
          A generation without an answer costs nothing.
        </EmptyState>
      </Card>
    );
  }
  const owed = chargeTotal(receipt.lines, receipt.markupBps);
  return (
    <Card>
      <CardContent>
        <table className="w-full text-sm">
          <caption className="sr-only">Receipt</caption>
          <thead>
            <tr className="text-subtle-foreground text-xs [&>th]:pb-2 [&>th]:font-normal">
              <th className="text-left" scope="col">
                Meter
              </th>
              <th className="text-right" scope="col">
                Quantity
              </th>
              <th className="text-right" scope="col">
                Per million
              </th>
              <th className="text-right" scope="col">
                Amount
              </th>
            </tr>
          </thead>
          <tbody>
            {receipt.lines.map((line) => (
              <tr className="border-t [&>td]:py-1.5" key={`${line.meter} ${line.price}`}>
                <td>{meterWords[line.meter]}</td>
                <td className="text-right">
                  <Count count={line.quantity} />
                </td>
                <td className="numeric text-right">{exactDollars(formatUsdPerMillion(line.price))}</td>
                <td className="numeric text-right">{exactDollars(formatLineUsd(line))}</td>
              </tr>
            ))}
          </tbody>
          <tfoot className="border-t [&_td]:py-1.5">
            <TotalRow label="Markup">
              + <BasisPoints bps={receipt.markupBps} />
            </TotalRow>
            <TotalRow isStrong label="Charge, rounded up once to a billionth of a dollar">
              <Money amount={owed} exact />
            </TotalRow>
            <Difference charge={charge} owed={owed} />
          </tfoot>
        </table>
        <p className="mt-3 text-subtle-foreground text-xs">
          Prices of sheet <span className="font-mono">{receipt.priceSheetId}</span>, in force when the request came in.
        </p>
      </CardContent>
    </Card>
  );
}

/** Shown only when we took less than was owed: the credits ended first, or the answer was insured. */
function Difference({ charge, owed }: { charge: Nanodollars; owed: Nanodollars }) {
  if (charge === owed) return null;
  return (
    <TotalRow isStrong label="Taken from your credits">
      <Money amount={charge} exact />
    </TotalRow>
  );
}

function TotalRow({ label, isStrong = false, children }: { label: string; isStrong?: boolean; children: ReactNode }) {
  return (
    <tr className={isStrong ? 'font-medium' : 'text-muted-foreground'}>
      <td colSpan={3}>{label}</td>
      <td className="numeric text-right">{children}</td>
    </tr>
  );
}

function exactDollars(decimal: string): string {
  return dollars(trimFraction(decimal, 2));
}

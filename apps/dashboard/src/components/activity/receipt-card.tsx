import { type ExplainedCharge, explainCharge } from '@bourse/billing';
import type { Nanodollars } from '@bourse/money';
import { Card, CardContent, EmptyState } from '@bourse/ui';
import { ReceiptText } from 'lucide-react';
import type { ReactNode } from 'react';
import type { GenerationDetail } from '../../data/activity.ts';
import { Day } from '../format/ago.tsx';
import { dollars, trimFraction } from '../format/decimal.ts';
import { Money } from '../format/money.tsx';
import { BasisPoints } from '../format/percent.tsx';
import { PricePerMillion, PricePerUnit } from '../format/price-per-million.tsx';
import { Count } from '../format/tokens.tsx';
import { flagSentences } from './flag-words.ts';
import { meterWords } from './meter-words.ts';

type Receipt = NonNullable<GenerationDetail['receipt']>;

/** How a charge came about: every quantity at its price, the markup, the one rounding, what was taken, and from which purse. */
export function ReceiptCard({ generation }: { generation: GenerationDetail }) {
  const { receipt, charge, payment } = generation;
  if (receipt === null) {
    return (
      <Card>
        <EmptyState icon={ReceiptText} title="Nothing was charged">
          A generation without an answer costs nothing.
        </EmptyState>
        <Notes flags={generation.flags} />
      </Card>
    );
  }
  const { lines, markupBps } = receipt;
  const explained = explainCharge({ lines, markupBps, charged: charge, overrun: payment.overrun });
  return (
    <Card>
      <CardContent>
        <table className="w-full text-sm">
          <caption className="sr-only">Receipt</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">What</th>
              <th scope="col">Amount</th>
            </tr>
          </thead>
          <ReceiptLines explained={explained} receipt={receipt} />
          <ReceiptSums explained={explained} generation={generation} />
        </table>
      </CardContent>
      <Notes flags={generation.flags} />
      <PriceSource generation={generation} receipt={receipt} />
    </Card>
  );
}

/** A line per meter, with its arithmetic below it; the amounts have the markup and are not rounded. */
function ReceiptLines({ receipt, explained }: { receipt: Receipt; explained: ExplainedCharge }) {
  return (
    <tbody>
      {receipt.lines.map((line, index) => {
        const item = explained.lines[index];
        const isToken = line.meter !== 'request' && line.meter !== 'web_search';
        return (
          <tr className="border-b align-top [&>td]:py-2" key={`${line.meter} ${line.price}`}>
            <td>
              {meterWords[line.meter]}
              <span className="block text-subtle-foreground text-xs">
                <Count count={line.quantity} /> ×{' '}
                {isToken ? <PricePerMillion price={line.price} unit /> : <PricePerUnit price={line.price} />}
                {' = '}
                <Exact decimal={item?.cost ?? '0'} />, markup <Exact decimal={item?.markup ?? '0'} />
              </span>
            </td>
            <td className="text-right">
              <Exact decimal={item?.total ?? '0'} />
            </td>
          </tr>
        );
      })}
    </tbody>
  );
}

function ReceiptSums({ explained, generation }: { explained: ExplainedCharge; generation: GenerationDetail }) {
  const { charge, payment, receipt, leaseId } = generation;
  return (
    <tfoot className="[&_td]:py-1.5">
      <SumRow
        label={
          <>
            Sum, markup of <BasisPoints bps={receipt?.markupBps ?? 0} /> included
          </>
        }
      >
        <Exact decimal={explained.subtotal} />
      </SumRow>
      <SumRow label="Rounded up once, to a billionth of a dollar">
        + <Exact decimal={explained.rounding} />
      </SumRow>
      <Deduction amount={explained.capped} label="Above what was set aside or max_cost" />
      <Deduction amount={explained.clamped} label="Not covered by your credits" />
      <SumRow isStrong label="Charged">
        <Money amount={charge} exact />
      </SumRow>
      {payment.promo > 0n ? (
        <SumRow label="From granted credits">
          <Money amount={payment.promo} exact />
        </SumRow>
      ) : null}
      {payment.paid > 0n ? (
        <SumRow label="From purchased credits">
          <Money amount={payment.paid} exact />
        </SumRow>
      ) : null}
      {payment.refunded > 0n ? (
        <SumRow label="Refunded since">
          <Money amount={payment.refunded} exact />
        </SumRow>
      ) : null}
      <SumRow label="Set aside before the call">{leaseId === null ? 'by a hold' : 'from leased credit'}</SumRow>
    </tfoot>
  );
}

/** Shown only when there is something that was not charged. */
function Deduction({ label, amount }: { label: string; amount: Nanodollars }) {
  if (amount === 0n) return null;
  return (
    <SumRow label={label}>
      − <Money amount={amount} exact />
    </SumRow>
  );
}

function SumRow({ label, isStrong = false, children }: { label: ReactNode; isStrong?: boolean; children: ReactNode }) {
  return (
    <tr className={isStrong ? 'border-t font-medium' : 'text-muted-foreground'}>
      <td>{label}</td>
      <td className="numeric whitespace-nowrap text-right">{children}</td>
    </tr>
  );
}

/** Every digit of an amount that is finer than a nanodollar. */
function Exact({ decimal }: { decimal: string }) {
  return (
    <data className="numeric" value={decimal}>
      {dollars(trimFraction(decimal, 2))}
    </data>
  );
}

function Notes({ flags }: { flags: readonly string[] }) {
  const sentences = flagSentences(flags);
  if (sentences.length === 0) return null;
  return (
    <CardContent className="border-t">
      <ul className="grid gap-1 text-muted-foreground text-sm">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </CardContent>
  );
}

/** Where the prices were read: a link where the source is one. */
function PriceSource({ receipt, generation }: { receipt: Receipt; generation: GenerationDetail }) {
  const { priceOrigin } = generation;
  return (
    <CardContent className="border-t text-subtle-foreground text-xs">
      <p className="break-words">
        Prices of sheet <span className="break-all font-mono">{receipt.priceSheetId}</span>, in force when the request
        came in
        {priceOrigin === null ? null : (
          <>
            {' '}
            (since <Day date={priceOrigin.effectiveFrom} />; read on <Day date={priceOrigin.checkedOn} /> at{' '}
            <Source url={priceOrigin.sourceUrl} />)
          </>
        )}
        .
      </p>
    </CardContent>
  );
}

function Source({ url }: { url: string }) {
  if (!url.startsWith('https://')) return <span className="break-all">{url}</span>;
  return (
    <a className="break-all underline underline-offset-2 hover:text-foreground" href={url} rel="noreferrer">
      {new URL(url).hostname}
    </a>
  );
}

import { isGenerationId } from '@bourse/ids';
import type { Nanodollars } from '@bourse/money';
import { Badge, DataTable, type DataTableColumn, EmptyState } from '@bourse/ui';
import { BookOpen } from 'lucide-react';
import Link from 'next/link';
import type { LedgerLine } from '../../data/credits.ts';
import { Day, Moment } from '../format/ago.tsx';
import { Money } from '../format/money.tsx';

/** The organization's ledger as it stands in the books: every movement of its credits, with its sign. */
export function LedgerTable({ lines }: { lines: readonly LedgerLine[] }) {
  return (
    <DataTable
      columns={columns}
      empty={
        <EmptyState icon={BookOpen} title="Nothing has moved yet">
          Every purchase, grant and charge is a line here, to a billionth of a dollar.
        </EmptyState>
      }
      label="Ledger"
      rowKey={(line) => line.id}
      rows={lines}
    />
  );
}

const kinds: Readonly<Record<LedgerLine['kind'], string>> = {
  usage: 'Usage',
  topup: 'Purchase',
  grant: 'Grant',
  refund: 'Refund',
  adjustment: 'Correction',
};

const columns: readonly DataTableColumn<LedgerLine>[] = [
  { id: 'time', header: 'Time', cell: (line) => <Time line={line} /> },
  { id: 'kind', header: 'Kind', cell: (line) => <Kind line={line} /> },
  { id: 'purse', header: 'Credits', className: 'max-md:hidden', cell: (line) => <Purse line={line} /> },
  { id: 'reference', header: 'For', className: 'max-sm:hidden', cell: (line) => <Reference line={line} /> },
  { id: 'amount', header: 'Amount', align: 'right', cell: (line) => <Signed amount={line.amount} /> },
];

/** To the minute; on a phone there is room for the day. */
function Time({ line }: { line: LedgerLine }) {
  return (
    <>
      <span className="sm:hidden">
        <Day date={line.createdAt} />
      </span>
      <span className="whitespace-nowrap max-sm:hidden">
        <Moment at={line.createdAt} />
      </span>
    </>
  );
}

/** A charge leads to its receipt. On a phone, where the column of references has no room, this is the only way. */
function Kind({ line }: { line: LedgerLine }) {
  if (!isGenerationId(line.reference)) return kinds[line.kind];
  return (
    <Link className="rounded-sm hover:underline" href={`/activity/${line.reference}`} prefetch={false}>
      {kinds[line.kind]}
    </Link>
  );
}

/** Which of the two kinds of credit moved; both when a charge used the last that was granted. */
function Purse({ line: { amount, promo } }: { line: LedgerLine }) {
  if (promo === 0n) return 'Purchased';
  if (promo === amount) return 'Granted';
  return (
    <span title="Granted credits are used first.">
      Both, <Money amount={promo} exact /> granted
    </span>
  );
}

function Reference({ line }: { line: LedgerLine }) {
  return (
    <span className="flex items-center gap-2 font-mono text-muted-foreground text-xs">
      <span className="max-w-80 truncate">{line.reference}</span>
      {line.flags.map((flag) => (
        <Badge key={flag} tone="warning">
          {flag}
        </Badge>
      ))}
    </span>
  );
}

function Signed({ amount }: { amount: Nanodollars }) {
  return (
    <span className={amount > 0n ? 'text-accent-text' : undefined}>
      {amount > 0n ? '+' : null}
      <Money amount={amount} exact />
    </span>
  );
}

import { isGenerationId } from '@bourse/ids';
import type { Nanodollars } from '@bourse/money';
import { Badge, DataTable, type DataTableColumn, EmptyState } from '@bourse/ui';
import { BookOpen } from 'lucide-react';
import Link from 'next/link';
import type { LedgerLine } from '../../data/credits.ts';
import { Moment } from '../format/ago.tsx';
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
  { id: 'time', header: 'Time', cell: (line) => <Moment at={line.createdAt} />, className: 'whitespace-nowrap' },
  { id: 'kind', header: 'Kind', cell: (line) => kinds[line.kind] },
  { id: 'reference', header: 'For', cell: (line) => <Reference line={line} /> },
  { id: 'amount', header: 'Amount', align: 'right', cell: (line) => <Signed amount={line.amount} /> },
];

function Reference({ line }: { line: LedgerLine }) {
  return (
    <span className="flex items-center gap-2 font-mono text-muted-foreground text-xs">
      {isGenerationId(line.reference) ? (
        <Link className="hover:text-foreground hover:underline" href={`/activity/${line.reference}`} prefetch={false}>
          {line.reference}
        </Link>
      ) : (
        <span className="max-w-80 truncate">{line.reference}</span>
      )}
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

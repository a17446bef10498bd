import { DataTable, type DataTableColumn, EmptyState, StatusDot, type Tone } from '@bourse/ui';
import { Receipt } from 'lucide-react';
import type { TopupRecord, TopupState } from '../../data/credits.ts';
import { Day } from '../format/ago.tsx';
import { Money } from '../format/money.tsx';
import { centsText } from './cents.ts';

/** What was bought, and what was not completed. */
export function PurchaseTable({ purchases }: { purchases: readonly TopupRecord[] }) {
  return (
    <DataTable
      columns={columns}
      empty={
        <EmptyState icon={Receipt} title="No purchases yet">
          What you buy is listed here with its fee.
        </EmptyState>
      }
      label="Purchases"
      rowKey={(row) => row.id}
      rows={purchases}
    />
  );
}

const states: Readonly<Record<TopupState, { label: string; tone: Tone }>> = {
  created: { label: 'Not paid', tone: 'neutral' },
  paid: { label: 'Paid', tone: 'warning' },
  granted: { label: 'Added', tone: 'accent' },
  expired: { label: 'Expired', tone: 'neutral' },
  failed: { label: 'Failed', tone: 'danger' },
};

const columns: readonly DataTableColumn<TopupRecord>[] = [
  { id: 'date', header: 'Date', cell: (row) => <Day date={row.createdAt} /> },
  {
    id: 'state',
    header: 'State',
    cell: (row) => <StatusDot tone={states[row.state].tone}>{states[row.state].label}</StatusDot>,
  },
  { id: 'credits', header: 'Credits', align: 'right', cell: (row) => <Money amount={row.amount} /> },
  { id: 'fee', header: 'Fee', align: 'right', cell: (row) => centsText(row.feeCents) },
  { id: 'total', header: 'Total', align: 'right', cell: (row) => centsText(row.amountCents + row.feeCents) },
];

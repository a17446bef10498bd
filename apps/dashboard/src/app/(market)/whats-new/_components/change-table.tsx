import { DataTable, type DataTableColumn, EmptyState, StatusDot, type Tone } from '@bourse/ui';
import { ArrowRight, Newspaper } from 'lucide-react';
import Link from 'next/link';
import { basePrice } from '../../../../catalog/prices.ts';
import { Moment } from '../../../../components/format/ago.tsx';
import { PricePerMillion } from '../../../../components/format/price-per-million.tsx';
import type { Change } from '../../../../data/catalog-history.ts';

const words: Readonly<Record<Change['kind'], { label: string; tone: Tone }>> = {
  model_added: { label: 'New model', tone: 'accent' },
  model_removed: { label: 'Model gone', tone: 'danger' },
  endpoint_added: { label: 'New endpoint', tone: 'accent' },
  endpoint_removed: { label: 'Endpoint gone', tone: 'danger' },
  price_changed: { label: 'New price', tone: 'warning' },
};

const columns: readonly DataTableColumn<Change>[] = [
  {
    id: 'model',
    header: 'Model',
    className: 'min-w-52',
    cell: (row) => (
      <Link className="rounded-sm font-medium hover:underline" href={`/${row.modelSlug}`} prefetch={false}>
        {row.modelName}
      </Link>
    ),
  },
  {
    id: 'kind',
    header: 'What',
    cell: ({ kind }) => <StatusDot tone={words[kind].tone}>{words[kind].label}</StatusDot>,
  },
  { id: 'provider', header: 'Provider', cell: (row) => row.providerName ?? '' },
  { id: 'input', header: 'Input $/M', align: 'right', cell: (row) => <PriceStep row={row} meter="input" /> },
  { id: 'output', header: 'Output $/M', align: 'right', cell: (row) => <PriceStep row={row} meter="output" /> },
  { id: 'at', header: 'When', cell: (row) => <Moment at={row.at} />, align: 'right', className: 'whitespace-nowrap' },
];

/** What changed, newest first. */
export function ChangeTable({ changes }: { changes: readonly Change[] }) {
  return (
    <DataTable
      columns={columns}
      empty={
        <EmptyState icon={Newspaper} title="Nothing of this kind yet">
          Models that come and go, and prices that change, appear here.
        </EmptyState>
      }
      label="Changes of the catalog"
      rowKey={(row) => row.id}
      rows={changes}
    />
  );
}

function PriceStep({ row, meter }: { row: Change; meter: 'input' | 'output' }) {
  const before = row.before && basePrice(row.before, meter);
  const after = row.after && basePrice(row.after, meter);
  if (after === null) return null;
  if (before === null || before === after) return <PricePerMillion price={after} />;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <s className="text-subtle-foreground">
        <PricePerMillion price={before} />
      </s>
      <ArrowRight aria-label="now" className="size-3 text-subtle-foreground" />
      <PricePerMillion price={after} />
    </span>
  );
}

import { type ColumnSort, DataTable, type DataTableColumn, StatusDot } from '@bourse/ui';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { StoredGeneration } from '../../data/activity.ts';
import type { CatalogNames } from '../../data/catalog.ts';
import { ModelLink } from '../catalog/model-link.tsx';
import { Ago } from '../format/ago.tsx';
import { Money } from '../format/money.tsx';
import { Unknown } from '../format/price-per-million.tsx';
import { Tokens } from '../format/tokens.tsx';
import { AppLink } from '../link.tsx';
import { endLabel, endWords } from './end-words.ts';
import { Speed, tokensPerSecond } from './speed.tsx';

type GenerationTableProps = {
  rows: readonly StoredGeneration[];
  names: CatalogNames;
  keyNames: ReadonlyMap<string, string>;
  now: Date;
  /** Where the heads of the sortable columns lead, and which order the list has now. */
  sorts: Record<'time' | 'tokens' | 'cost', ColumnSort>;
  empty: ReactNode;
};

/** Generations, one per row; the time leads to the receipt. */
export function GenerationTable(props: GenerationTableProps) {
  return (
    <DataTable
      columns={columnsOf(props)}
      empty={props.empty}
      label="Generations"
      link={AppLink}
      rowKey={(row) => row.id}
      rows={props.rows}
    />
  );
}

/** On a phone there is room for when, which model, how much and how it ended; the receipt has the rest. */
function columnsOf({
  names,
  keyNames,
  now,
  sorts,
}: GenerationTableProps): readonly DataTableColumn<StoredGeneration>[] {
  return [
    { id: 'time', header: 'Time', sort: sorts.time, cell: (row) => <ReceiptLink now={now} row={row} /> },
    {
      id: 'model',
      header: 'Model',
      cell: (row) => (
        <div className="max-sm:max-w-32">
          <ModelLink
            authorName={names.authorOf(row.modelSlug)}
            name={names.model(row.modelSlug)}
            slug={row.modelSlug}
          />
        </div>
      ),
    },
    {
      id: 'provider',
      className: 'max-md:hidden',
      header: 'Provider',
      cell: (row) => (row.providerSlug === null ? <Unknown /> : names.provider(row.providerSlug)),
    },
    {
      id: 'app',
      className: 'max-md:hidden',
      header: 'App',
      cell: (row) => <span className="block max-w-32 truncate">{row.appTitle ?? <Unknown />}</span>,
    },
    {
      id: 'input',
      className: 'max-sm:hidden',
      header: 'Input',
      align: 'right',
      cell: (row) => <Tokens count={row.inputTokens} />,
    },
    {
      id: 'output',
      className: 'max-sm:hidden',
      header: 'Output',
      align: 'right',
      sort: sorts.tokens,
      cell: (row) => <Tokens count={row.outputTokens} />,
    },
    { id: 'cost', header: 'Cost', align: 'right', sort: sorts.cost, cell: (row) => <Money amount={row.charge} /> },
    {
      id: 'speed',
      className: 'max-md:hidden',
      header: 'Speed',
      align: 'right',
      cell: (row) => <Speed perSecond={tokensPerSecond(row)} />,
    },
    {
      id: 'end',
      header: 'Finish',
      cell: (row) => <StatusDot tone={endWords[row.end].tone}>{endLabel(row)}</StatusDot>,
    },
    {
      id: 'key',
      className: 'max-md:hidden',
      header: 'Key',
      cell: (row) => <span className="block max-w-32 truncate">{keyNames.get(row.apiKeyId) ?? 'Revoked key'}</span>,
    },
  ];
}

function ReceiptLink({ row, now }: { row: StoredGeneration; now: Date }) {
  return (
    <Link className="rounded-sm font-medium hover:underline" href={`/activity/${row.id}`} prefetch={false}>
      <Ago at={row.createdAt} now={now} />
    </Link>
  );
}

import { Badge, DataTable, type DataTableColumn, EmptyState, StatusDot } from '@bourse/ui';
import { KeyRound } from 'lucide-react';
import type { KeyRow } from '../../data/keys.ts';
import { Ago, Day } from '../format/ago.tsx';
import { Money } from '../format/money.tsx';
import { AppLink } from '../link.tsx';
import { KeyLimit } from './key-limit.tsx';
import { KeyMenu } from './key-menu.tsx';
import { stateWords } from './key-words.ts';

/** The keys of an organization. */
export function KeyTable({ keys, now }: { keys: readonly KeyRow[]; now: Date }) {
  return (
    <DataTable
      columns={columnsAt(now)}
      empty={<NoKeys />}
      label="API keys"
      link={AppLink}
      rowKey={(row) => row.id}
      rows={keys}
    />
  );
}

const columnsAt = (now: Date): readonly DataTableColumn<KeyRow>[] => [
  { id: 'name', header: 'Name', cell: (row) => <KeyName row={row} /> },
  { id: 'state', header: 'State', cell: (row) => <State row={row} /> },
  { id: 'limit', className: 'max-sm:hidden', header: 'Limit', cell: (row) => <KeyLimit row={row} /> },
  {
    id: 'today',
    className: 'max-md:hidden',
    header: 'Today',
    align: 'right',
    cell: (row) => <Money amount={row.usageToday} />,
  },
  {
    id: 'week',
    className: 'max-xl:hidden',
    header: 'This week',
    align: 'right',
    cell: (row) => <Money amount={row.usageWeek} />,
  },
  {
    id: 'month',
    className: 'max-lg:hidden',
    header: 'This month',
    align: 'right',
    cell: (row) => <Money amount={row.usageMonth} />,
  },
  {
    id: 'total',
    className: 'max-sm:hidden',
    header: 'In all',
    align: 'right',
    cell: (row) => <Money amount={row.usageTotal} />,
  },
  {
    id: 'used',
    className: 'max-md:hidden',
    header: 'Last used',
    cell: (row) => <LastUsed now={now} row={row} />,
  },
  {
    id: 'menu',
    header: <span className="sr-only">Actions</span>,
    align: 'right',
    cell: (row) => <KeyMenu row={row} />,
  },
];

function KeyName({ row }: { row: KeyRow }) {
  return (
    <div className="max-w-44 xl:max-w-56">
      <span className="flex flex-wrap items-center gap-x-2">
        <span className="truncate font-medium" title={row.name}>
          {row.name}
        </span>
        {row.kind === 'management' ? <Badge tone="outline">Management</Badge> : null}
      </span>
      <span className="block truncate font-mono text-subtle-foreground text-xs">{row.label}</span>
    </div>
  );
}

function State({ row }: { row: KeyRow }) {
  const { label, tone } = stateWords[row.state];
  return (
    <div>
      <StatusDot tone={tone}>{label}</StatusDot>
      {row.expiresAt && row.state === 'active' ? (
        <span className="block whitespace-nowrap text-subtle-foreground text-xs">
          until <Day date={row.expiresAt} />
        </span>
      ) : null}
    </div>
  );
}

function LastUsed({ row, now }: { row: KeyRow; now: Date }) {
  return (
    <div>
      {row.lastUsedAt ? <Ago at={row.lastUsedAt} now={now} /> : <span className="text-subtle-foreground">Never</span>}
      <span className="block whitespace-nowrap text-subtle-foreground text-xs">
        made <Day date={row.createdAt} />
      </span>
    </div>
  );
}

function NoKeys() {
  return (
    <EmptyState icon={KeyRound} title="No keys yet">
      A key lets a program call every model through one address. Make one for each program, so that you can see what
      each spends, and end one without the others.
    </EmptyState>
  );
}

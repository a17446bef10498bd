import { nanodollars } from '@bourse/money';
import { DataTable, type DataTableColumn, EmptyState, Meter, StatusDot } from '@bourse/ui';
import type { CatalogNames } from '../../data/catalog.ts';
import { Money } from '../format/money.tsx';
import { type AttemptRow, outcomeWords, reasonWords } from './attempt.ts';
import { Duration } from './speed.tsx';

type NumberedAttempt = AttemptRow & { index: number; share: number };

/** Who was tried, in order, and what each one did. */
export function AttemptTable({ attempts, names }: { attempts: readonly AttemptRow[]; names: CatalogNames }) {
  const longest = Math.max(1, ...attempts.map((attempt) => attempt.latencyMs));
  const rows = attempts.map((attempt, at) => ({ ...attempt, index: at + 1, share: attempt.latencyMs / longest }));
  return (
    <DataTable
      columns={columnsOf(names)}
      empty={<EmptyState title="No endpoint was tried">The request ended before one could be.</EmptyState>}
      label="Attempts"
      rowKey={(row) => String(row.index)}
      rows={rows}
    />
  );
}

/** What a failed attempt may cost us; nobody pays for it. */
function InsuredCost({ nanodollarsText }: { nanodollarsText: string | undefined }) {
  if (nanodollarsText === undefined) return null;
  return (
    <span className="block text-subtle-foreground text-xs">
      Costs us up to <Money amount={nanodollars(BigInt(nanodollarsText))} />; insured
    </span>
  );
}

const columnsOf = (names: CatalogNames): readonly DataTableColumn<NumberedAttempt>[] => [
  { id: 'index', header: '#', cell: (row) => <span className="numeric text-subtle-foreground">{row.index}</span> },
  { id: 'provider', header: 'Provider', cell: (row) => names.provider(row.providerSlug) },
  { id: 'endpoint', header: 'Endpoint', cell: (row) => <span className="font-mono text-xs">{row.endpointId}</span> },
  { id: 'reason', header: 'Asked because', cell: (row) => reasonWords(row.reason) },
  {
    id: 'outcome',
    header: 'Outcome',
    cell: (row) => (
      <>
        <StatusDot tone={row.outcome === 'ok' ? 'accent' : 'danger'}>{outcomeWords(row.outcome)}</StatusDot>
        <InsuredCost nanodollarsText={row.costNanodollars} />
      </>
    ),
  },
  { id: 'status', header: 'Status', align: 'right', cell: (row) => (row.status === 0 ? 'no answer' : row.status) },
  {
    id: 'latency',
    header: 'Time to answer',
    align: 'right',
    cell: (row) => (
      <span className="inline-grid w-28 gap-1">
        <Duration ms={row.latencyMs} />
        <Meter share={row.share} />
      </span>
    ),
  },
];

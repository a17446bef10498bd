import { DataTable, type DataTableColumn, EmptyState, Monogram } from '@bourse/ui';
import { AppWindow } from 'lucide-react';
import type { RankedApp } from '../../data/rankings.ts';
import { Count, Tokens } from '../format/tokens.tsx';

const columns: readonly DataTableColumn<RankedApp>[] = [
  {
    id: 'rank',
    header: <span className="sr-only">Rank</span>,
    align: 'right',
    cell: (row) => <span className="text-subtle-foreground">{row.rank}</span>,
    className: 'w-10 pr-0',
  },
  { id: 'app', header: 'App', cell: (row) => <AppCell app={row.app} /> },
  {
    id: 'requests',
    header: 'Requests',
    align: 'right',
    cell: (row) => <Count count={row.requests} />,
    className: 'max-sm:hidden',
  },
  { id: 'tokens', header: 'Tokens', align: 'right', cell: (row) => <Tokens count={row.tokens} /> },
];

/** Applications by tokens. Titles and addresses come from the requests of whoever calls: text only, and links follow nobody. */
export function AppTable({ apps }: { apps: readonly RankedApp[] }) {
  return (
    <DataTable
      columns={columns}
      empty={
        <EmptyState icon={AppWindow} title="No apps yet">
          Send <code className="font-mono text-xs">HTTP-Referer</code> and{' '}
          <code className="font-mono text-xs">X-Title</code> with your requests to appear here.
        </EmptyState>
      }
      label="Apps"
      rowKey={(row) => String(row.app.id)}
      rows={apps}
    />
  );
}

function AppCell({ app }: { app: RankedApp['app'] }) {
  const isWebAddress = /^https?:\/\//.test(app.url);
  return (
    <span className="flex min-w-0 items-center gap-2.5">
      <Monogram name={app.title} size="sm" />
      {isWebAddress ? (
        <a className="truncate hover:underline" href={app.url} rel="nofollow ugc noopener noreferrer">
          {app.title}
        </a>
      ) : (
        <span className="truncate">{app.title}</span>
      )}
    </span>
  );
}

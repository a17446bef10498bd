import { Card, CardFooter, CardHeader, CardTitle, DataTable, type DataTableColumn, EmptyState } from '@bourse/ui';
import Link from 'next/link';
import { ModelLink } from '../../../components/catalog/model-link.tsx';
import { PricePerMillion } from '../../../components/format/price-per-million.tsx';
import { Tokens } from '../../../components/format/tokens.tsx';
import type { ModelSummary } from '../../../data/catalog.ts';

const ROWS = 8;

const columns: readonly DataTableColumn<ModelSummary>[] = [
  {
    id: 'model',
    header: 'Model',
    cell: (model) => <ModelLink author="beside" authorName={model.author.name} name={model.name} slug={model.slug} />,
  },
  { id: 'input', header: 'Input $/M', align: 'right', cell: (model) => <PricePerMillion price={model.inputPrice} /> },
  {
    id: 'output',
    header: 'Output $/M',
    align: 'right',
    cell: (model) => <PricePerMillion price={model.outputPrice} />,
    className: 'max-sm:hidden',
  },
  { id: 'tokens', header: 'Tokens', align: 'right', cell: (model) => <Tokens count={model.tokensThisWeek} /> },
];

/** The market at a glance: the most used models of the week, or the newest where nothing was used yet. */
export function Board({ models }: { models: readonly ModelSummary[] }) {
  const used = models.filter((model) => model.tokensThisWeek > 0);
  const newest = models
    .filter((model) => !model.isSandbox)
    .toSorted((a, b) => (b.releasedOn ?? '').localeCompare(a.releasedOn ?? ''));
  return (
    <Card>
      <CardHeader>
        <CardTitle>{used.length > 0 ? 'Most used this week' : 'Newest models'}</CardTitle>
      </CardHeader>
      <DataTable
        columns={columns}
        empty={<EmptyState title="The catalog is empty">`pnpm db:seed` loads the maintained catalog.</EmptyState>}
        label="Models on the board"
        rowKey={(model) => model.slug}
        rows={(used.length > 0 ? used : newest).slice(0, ROWS)}
      />
      <CardFooter>
        <Link className="text-foreground hover:underline" href="/models">
          All models
        </Link>
        <Link className="hover:text-foreground hover:underline" href="/rankings">
          Rankings
        </Link>
      </CardFooter>
    </Card>
  );
}

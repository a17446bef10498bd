import { DataTable, type DataTableColumn, Meter } from '@bourse/ui';
import { ModelLink } from '../../../../components/catalog/model-link.tsx';
import { Change, Percent } from '../../../../components/format/percent.tsx';
import { Tokens } from '../../../../components/format/tokens.tsx';
import type { CatalogNames } from '../../../../data/catalog.ts';
import type { RankedModel } from '../../../../data/rankings.ts';

type LeaderboardProps = { models: readonly RankedModel[]; names: CatalogNames; total: number };

/** Models by tokens. Shares are of all tokens of the period, so that they add up to less than one when there are more models. */
export function Leaderboard({ models, names, total }: LeaderboardProps) {
  const largest = models[0]?.tokens ?? 0;
  const columns: readonly DataTableColumn<RankedModel>[] = [
    {
      id: 'rank',
      header: <span className="sr-only">Rank</span>,
      align: 'right',
      cell: (row) => <span className="text-subtle-foreground">{row.rank}</span>,
      className: 'w-10 pr-0',
    },
    {
      id: 'model',
      header: 'Model',
      cell: ({ modelSlug }) => (
        <ModelLink authorName={names.authorOf(modelSlug)} hasAuthorLine name={names.model(modelSlug)} slug={modelSlug} />
      ),
    },
    {
      id: 'bar',
      header: null,
      cell: (row) => <Meter className="w-full" share={largest === 0 ? 0 : row.tokens / largest} />,
      className: 'w-1/5 max-sm:hidden',
    },
    { id: 'tokens', header: 'Tokens', align: 'right', cell: (row) => <Tokens count={row.tokens} /> },
    {
      id: 'share',
      header: 'Share',
      align: 'right',
      cell: (row) => <Percent ratio={total === 0 ? 0 : row.tokens / total} />,
      className: 'max-sm:hidden',
    },
    { id: 'change', header: 'Change', align: 'right', cell: (row) => <Change ratio={row.change} /> },
  ];
  return <DataTable columns={columns} empty={null} label="Models by tokens" rowKey={(row) => row.modelSlug} rows={models} />;
}

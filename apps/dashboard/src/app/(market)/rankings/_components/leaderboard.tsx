import { CardFooter, DataTable, type DataTableColumn, Meter } from '@bourse/ui';
import Link from 'next/link';
import { ModelLink } from '../../../../components/catalog/model-link.tsx';
import { Change, Percent } from '../../../../components/format/percent.tsx';
import { Tokens } from '../../../../components/format/tokens.tsx';
import type { CatalogNames } from '../../../../data/catalog.ts';
import type { RankedModel } from '../../../../data/rankings.ts';
import { type RankingsQuery, rankingsHref } from '../search-params.ts';

const TOP_ROWS = 20;

type LeaderboardProps = {
  models: readonly RankedModel[];
  names: CatalogNames;
  /** All tokens of the period. */
  total: number;
  query: RankingsQuery;
};

/** Models by tokens: the top twenty, or all that are ranked. */
export function Leaderboard({ models, names, total, query }: LeaderboardProps) {
  const hasMore = models.length > TOP_ROWS;
  return (
    <>
      <DataTable
        columns={columnsFor(names, { total, largest: models[0]?.tokens ?? 0 })}
        empty={null}
        label="Models by tokens"
        rowKey={(row) => row.modelSlug}
        rows={query.all ? models : models.slice(0, TOP_ROWS)}
      />
      {hasMore ? (
        <CardFooter>
          <Link
            className="hover:text-foreground"
            href={`/rankings${rankingsHref({ ...query, all: !query.all })}`}
            scroll={false}
          >
            {query.all ? `Show the top ${TOP_ROWS}` : `Show the top ${models.length}`}
          </Link>
        </CardFooter>
      ) : null}
    </>
  );
}

/** Shares are of all tokens of the period, so they add up to less than one where there are more models than rows. */
function columnsFor(
  names: CatalogNames,
  of: { total: number; largest: number },
): readonly DataTableColumn<RankedModel>[] {
  return [
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
        <ModelLink
          authorName={names.authorOf(modelSlug)}
          author="below"
          name={names.model(modelSlug)}
          slug={modelSlug}
        />
      ),
    },
    {
      id: 'bar',
      header: null,
      cell: (row) => <Meter className="w-full" share={of.largest === 0 ? 0 : row.tokens / of.largest} />,
      className: 'w-1/5 max-sm:hidden',
    },
    { id: 'tokens', header: 'Tokens', align: 'right', cell: (row) => <Tokens count={row.tokens} /> },
    {
      id: 'share',
      header: 'Share',
      align: 'right',
      cell: (row) => <Percent ratio={of.total === 0 ? 0 : row.tokens / of.total} />,
      className: 'max-sm:hidden',
    },
    { id: 'change', header: 'Change', align: 'right', cell: (row) => <Change ratio={row.change} /> },
  ];
}

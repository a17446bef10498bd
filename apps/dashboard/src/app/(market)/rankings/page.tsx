import { SegmentedNav } from '@bourse/ui';
import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { AppLink } from '../../../components/link.tsx';
import { PageBody, PageHeader } from '../../../components/page.tsx';
import { catalogNames } from '../../../data/catalog.ts';
import { getRankings } from '../../../data/rankings.ts';
import { RankingsReport } from './_components/rankings-report.tsx';
import { loadRankingsParams, periods, periodWords, rankingsHref } from './search-params.ts';

export const metadata: Metadata = {
  title: 'Rankings',
  description: 'Which models and apps the market uses, by tokens, over the last day, week and month.',
};

export default async function RankingsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const { period } = await loadRankingsParams(searchParams);
  const [rankings, names] = await Promise.all([getRankings(period), catalogNames()]);
  const tabs = periods.map((each) => ({
    id: each,
    label: periodWords[each].label,
    href: `/rankings${rankingsHref({ period: each })}`,
    isCurrent: each === period,
  }));
  return (
    <PageBody>
      <PageHeader actions={<SegmentedNav items={tabs} label="Period" link={AppLink} />} title="Rankings">
        What the market uses, in tokens of input and output. Counted from every request through Bourse, {periodWords[period].last}.
      </PageHeader>
      <RankingsReport names={names} period={period} rankings={rankings} />
    </PageBody>
  );
}

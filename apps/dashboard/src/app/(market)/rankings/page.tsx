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
  const query = await loadRankingsParams(searchParams);
  const { period } = query;
  const [rankings, names] = await Promise.all([getRankings(period), catalogNames()]);
  const tabs = periods.map((each) => ({
    id: each,
    label: periodWords[each].label,
    href: `/rankings${rankingsHref({ ...query, period: each })}`,
    isCurrent: each === period,
  }));
  return (
    <PageBody>
      <PageHeader actions={<SegmentedNav items={tabs} label="Period" link={AppLink} />} title="Rankings">
        What the market uses, in tokens of input and output: every request through Bourse counts.
      </PageHeader>
      <RankingsReport names={names} query={query} rankings={rankings} />
    </PageBody>
  );
}

import { SegmentedNav } from '@bourse/ui';
import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { AccountPage } from '../../../components/account/account-page.tsx';
import { AppLink } from '../../../components/link.tsx';
import { requireSession } from '../../../data/session.ts';
import { ActivityReport } from './_components/activity-report.tsx';
import { ActivityToolbar } from './_components/activity-toolbar.tsx';
import { loadActivity } from './activity-data.ts';
import { type ActivityPeriod, activityHref, activityPeriods, loadActivityParams } from './search-params.ts';

export const metadata: Metadata = { title: 'Activity' };

const path = '/activity';
const periodLabels: Readonly<Record<ActivityPeriod, string>> = {
  day: '24 hours',
  week: '7 days',
  month: '30 days',
  all: 'All',
};

export default async function ActivityPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const query = await loadActivityParams(searchParams);
  const report = await loadActivity(await requireSession(), query);
  const periods = activityPeriods.map((period) => ({
    id: period,
    label: periodLabels[period],
    href: path + activityHref({ ...query, period, from: null, to: null, cursor: null }),
    isCurrent: query.from === null && query.to === null && query.period === period,
  }));
  return (
    <AccountPage href={path} title="Activity">
      <div className="mb-4 flex flex-wrap items-center gap-2">
        <SegmentedNav items={periods} label="Period" link={AppLink} />
        <ActivityToolbar keys={[...report.keys].map(([id, name]) => ({ id, name }))} models={report.models} />
      </div>
      <ActivityReport query={query} report={report} />
    </AccountPage>
  );
}

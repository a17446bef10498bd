import { Button, Card, CardContent, ChartLegend, EmptyState, StackedBarChart } from '@bourse/ui';
import { Activity } from 'lucide-react';
import Link from 'next/link';
import { CursorPager } from '../../../../components/account/cursor-pager.tsx';
import { ActivityTotals } from '../../../../components/activity/activity-totals.tsx';
import { GenerationTable } from '../../../../components/activity/generation-table.tsx';
import { Section } from '../../../../components/page.tsx';
import type { ActivityReportData } from '../activity-data.ts';
import { type ActivityQuery, activityHref } from '../search-params.ts';
import { spendChart } from '../spend-points.ts';
import { activityColumnSorts } from './activity-sorts.ts';

type ActivityReportProps = { query: ActivityQuery; report: ActivityReportData };

/** Sums, the days, and the generations themselves. */
export function ActivityReport({ query, report }: ActivityReportProps) {
  const { page, summary } = report;
  const href = (cursor: string | null) => `/activity${activityHref({ ...query, cursor })}`;
  return (
    <div className="grid grid-cols-1 gap-8">
      <ActivityTotals summary={summary} />
      {summary.charge > 0n ? <SpendSection report={report} /> : null}
      <Section title="Generations">
        <Card>
          <GenerationTable
            empty={<NoGenerations query={query} />}
            keyNames={report.keys}
            names={report.names}
            now={report.now}
            rows={page.rows}
            sorts={activityColumnSorts(query)}
          />
          <CursorPager
            firstHref={query.cursor === null ? null : href(null)}
            label="Pages of generations"
            nextHref={page.nextCursor === null ? null : href(page.nextCursor)}
          />
        </Card>
      </Section>
    </div>
  );
}

function SpendSection({ report }: { report: ActivityReportData }) {
  const { days, filters, names, now } = report;
  const lastDay = filters.to === null || filters.to > now ? now : new Date(filters.to.getTime() - 1);
  const { series, points } = spendChart(days, { firstDay: filters.from, lastDay, nameOf: names.model });
  return (
    <Section actions={<ChartLegend series={series} />} description="US dollars per day, UTC." title="Spend">
      <Card>
        <CardContent>
          <StackedBarChart
            caption="Spend per day and model"
            format="usd"
            height={180}
            points={points}
            series={series}
            unit="Spend per day"
          />
        </CardContent>
      </Card>
    </Section>
  );
}

function NoGenerations({ query }: { query: ActivityQuery }) {
  const isFiltered = [query.model, query.key, query.end, query.from, query.to].some((value) => value !== null);
  if (isFiltered || query.period !== 'month') {
    return (
      <EmptyState
        action={
          <Button asChild>
            <Link href="/activity?period=all">Show everything</Link>
          </Button>
        }
        icon={Activity}
        title="Nothing matches"
      >
        No generation in this time passes these filters.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      action={
        <Button asChild variant="primary">
          <Link href="/chat">Open the chat</Link>
        </Button>
      }
      icon={Activity}
      title="Nothing called yet"
    >
      Every call is listed here with what it took, what it cost and who answered, as soon as it ends.
    </EmptyState>
  );
}

import { Card, CardContent, ChartLegend, EmptyState, StackedBarChart } from '@bourse/ui';
import { ChartNoAxesColumn } from 'lucide-react';
import { currentTime } from '../../../../clock.ts';
import { AppTable } from '../../../../components/market/app-table.tsx';
import { Section } from '../../../../components/page.tsx';
import type { CatalogNames } from '../../../../data/catalog.ts';
import type { Rankings } from '../../../../data/rankings.ts';
import { type Period, periodWords, type RankingsQuery } from '../search-params.ts';
import { stackedPoints, stackedSeries } from '../stacked-points.ts';
import { AuthorShares } from './author-shares.tsx';
import { Leaderboard } from './leaderboard.tsx';

type ReportProps = { rankings: Rankings; names: CatalogNames; query: RankingsQuery };

/** The chart over time, the leaderboard, the shares of the authors, and the apps. */
export function RankingsReport({ rankings, names, query }: ReportProps) {
  const { period } = query;
  if (rankings.models.length === 0) return <NothingYet period={period} />;
  const { last, before } = periodWords[period];
  return (
    <div className="grid grid-cols-1 gap-10">
      <TokensOverTime names={names} query={query} rankings={rankings} />
      <div className="grid grid-cols-1 items-start gap-x-8 gap-y-10 lg:grid-cols-[3fr_2fr]">
        <Section description={`Tokens, ${last}; change against ${before}.`} title="Models">
          <Card>
            <Leaderboard models={rankings.models} names={names} query={query} total={totalTokens(rankings)} />
          </Card>
        </Section>
        <div className="grid grid-cols-1 gap-10">
          <Section description={`Share of all tokens, ${last}.`} title="Authors">
            <AuthorShares authors={rankings.authors} names={names} />
          </Section>
          <Section description={`Applications that name themselves in their requests, ${last}.`} title="Apps">
            <Card>
              <AppTable apps={rankings.apps} />
            </Card>
          </Section>
        </div>
      </div>
    </div>
  );
}

function TokensOverTime({ rankings, names, query: { period } }: ReportProps) {
  const series = stackedSeries(rankings.overTime, names.modelInFull);
  return (
    <Card>
      <CardContent>
        <ChartLegend className="mb-4" series={series} />
        <StackedBarChart
          caption={`Tokens per ${periodWords[period].bucket} by model, ${periodWords[period].last}`}
          format="compact"
          height={300}
          points={stackedPoints(rankings.overTime, { period, now: currentTime() })}
          series={series}
          unit={`Tokens per ${periodWords[period].bucket}, UTC`}
        />
      </CardContent>
    </Card>
  );
}

/** All tokens of the period: the authors' sum has every model in it, the leaderboard only the first fifty. */
function totalTokens(rankings: Rankings): number {
  return rankings.authors.reduce((sum, author) => sum + author.tokens, 0);
}

function NothingYet({ period }: { period: Period }) {
  return (
    <Card>
      <EmptyState icon={ChartNoAxesColumn} title={`No traffic in the ${periodWords[period].last}`}>
        Rankings are made of real requests. The first one that goes through the gateway appears here within a minute.
      </EmptyState>
    </Card>
  );
}

import { Card, CardContent, ChartLegend, EmptyState, StackedBarChart } from '@bourse/ui';
import { ChartNoAxesColumn } from 'lucide-react';
import { currentTime } from '../../../../../clock.ts';
import { AppTable } from '../../../../../components/market/app-table.tsx';
import { Section } from '../../../../../components/page.tsx';
import { getModelUsage } from '../../../../../data/rankings.ts';
import { usagePoints, usageSeries } from '../usage-points.ts';

const DAYS = 30;

/** How much the model is used, and by which applications. */
export async function ModelUsageSection({ modelSlug }: { modelSlug: string }) {
  const usage = await getModelUsage(modelSlug);
  const isUsed = usage.days.some((day) => day.requests > 0);
  return (
    <div className="grid grid-cols-1 items-start gap-x-8 gap-y-10 lg:grid-cols-[3fr_2fr]">
      <Section
        actions={isUsed ? <ChartLegend series={usageSeries} /> : null}
        description="Tokens through Bourse, last 30 days, UTC."
        title="Usage"
      >
        <Card>
          {isUsed ? (
            <CardContent>
              <StackedBarChart
                caption={`Input and output tokens of ${modelSlug} per day`}
                format="compact"
                height={220}
                points={usagePoints(usage.days, { now: currentTime(), days: DAYS })}
                series={usageSeries}
                unit="Tokens per day"
              />
            </CardContent>
          ) : (
            <EmptyState icon={ChartNoAxesColumn} title="Not used yet">
              Nobody has called this model through Bourse in the last 30 days.
            </EmptyState>
          )}
        </Card>
      </Section>
      <Section description="Applications that name themselves in their requests, last 7 days." title="Apps">
        <Card>
          <AppTable apps={usage.apps} />
        </Card>
      </Section>
    </div>
  );
}

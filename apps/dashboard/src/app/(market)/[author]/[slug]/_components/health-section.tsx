import { Card, CardContent, ChartLegend, type ChartSeries, EmptyState, LineChart } from '@bourse/ui';
import { Activity } from 'lucide-react';
import { currentTime } from '../../../../../clock.ts';
import { Section } from '../../../../../components/page.tsx';
import type { EndpointRow } from '../../../../../data/catalog.ts';
import { getHealthHours, HEALTH_HOURS } from '../../../../../data/catalog-history.ts';
import { type HealthHour, type HealthMeasure, healthPoints, healthSeries, hoursUntil } from '../health-points.ts';
import { UptimeBar } from './uptime-bar.tsx';

/** How the endpoints did in the last three days, by the hour. */
export async function HealthSection({ slug, endpoints }: { slug: string; endpoints: readonly EndpointRow[] }) {
  const hours = await getHealthHours(slug);
  const nameOf = (id: string) => nameOfEndpoint(endpoints.find((endpoint) => endpoint.id === id)) ?? id;
  const series = healthSeries(hours, nameOf);
  const places = hoursUntil(currentTime(), HEALTH_HOURS);
  return (
    <Section
      actions={series.length > 0 ? <ChartLegend series={series} /> : null}
      description="Calls through Bourse in the last three days, by the hour, UTC. What users get wrong does not count."
      title="Performance"
    >
      {series.length === 0 ? (
        <Card>
          <EmptyState icon={Activity} title="Nothing was measured">
            Nobody has called this model through Bourse in the last three days.
          </EmptyState>
        </Card>
      ) : (
        <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
          <MedianChart
            hours={hours}
            measure="latencyMs"
            places={places}
            series={series}
            unit="Milliseconds to the first token"
          />
          <MedianChart
            hours={hours}
            measure="tokensPerSecond"
            places={places}
            series={series}
            unit="Tokens per second"
          />
          <Card className="lg:col-span-2">
            <CardContent>
              <h3 className="mb-3 text-2xs text-subtle-foreground">Uptime</h3>
              <ul className="grid gap-3">
                {series.map(({ key, name }) => (
                  <UptimeBar
                    hours={hours.filter(({ endpointId }) => endpointId === key)}
                    key={key}
                    name={name}
                    places={places}
                  />
                ))}
              </ul>
            </CardContent>
          </Card>
        </div>
      )}
    </Section>
  );
}

type MedianChartProps = {
  hours: readonly HealthHour[];
  measure: HealthMeasure;
  places: readonly Date[];
  series: readonly ChartSeries[];
  unit: string;
};

function MedianChart({ hours, measure, places, series, unit }: MedianChartProps) {
  return (
    <Card>
      <CardContent>
        <LineChart
          caption={`${unit}: the median of each hour`}
          format="integer"
          hasGaps
          height={180}
          points={healthPoints(hours, measure, places)}
          series={series}
          unit={unit}
        />
      </CardContent>
    </Card>
  );
}

/** A provider may have several endpoints of one model, which their tags tell apart. */
function nameOfEndpoint(endpoint: EndpointRow | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  const { provider, tag } = endpoint;
  return tag === provider.slug ? provider.name : `${provider.name} ${tag.slice(tag.indexOf('/') + 1)}`;
}

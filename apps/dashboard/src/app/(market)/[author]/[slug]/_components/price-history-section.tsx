import { formatUsdPerMillion } from '@bourse/money';
import { Card, CardContent, ChartLegend, DataTable, type DataTableColumn, LineChart } from '@bourse/ui';
import { basePrice } from '../../../../../catalog/prices.ts';
import { currentTime } from '../../../../../clock.ts';
import { Day } from '../../../../../components/format/ago.tsx';
import { PricePerMillion } from '../../../../../components/format/price-per-million.tsx';
import { Section } from '../../../../../components/page.tsx';
import { getPriceHistory, type PricePeriod } from '../../../../../data/catalog-history.ts';
import { type PriceSpan, pricePoints, priceSeries } from '../price-points.ts';

const ROWS_MAX = 20;
/** With fewer there is no line. */
const POINTS_MIN = 2;

const columns: readonly DataTableColumn<PricePeriod>[] = [
  { id: 'provider', header: 'Provider', cell: (row) => row.providerName },
  {
    id: 'input',
    header: 'Input $/M',
    align: 'right',
    cell: (row) => <PricePerMillion price={basePrice(row.prices, 'input')} />,
  },
  {
    id: 'output',
    header: 'Output $/M',
    align: 'right',
    cell: (row) => <PricePerMillion price={basePrice(row.prices, 'output')} />,
  },
  { id: 'from', header: 'From', align: 'right', cell: (row) => <Day date={row.from} /> },
  {
    id: 'to',
    header: 'Until',
    align: 'right',
    cell: (row) => (row.to === null ? <span className="text-muted-foreground">now</span> : <Day date={row.to} />),
  },
];

/** What the model has cost: the cheapest price by day, and every price with its time. */
export async function PriceHistorySection({ modelSlug }: { modelSlug: string }) {
  const periods = await getPriceHistory(modelSlug);
  if (periods.length === 0) return null;
  const points = pricePoints(periods.map(spanOf), currentTime());
  const isByTokens = points.some(({ values }) => Object.keys(values).length > 0);
  return (
    <Section
      actions={isByTokens && points.length >= POINTS_MIN ? <ChartLegend series={priceSeries} /> : null}
      description="What the cheapest endpoint asked, with the markup of today, and the prices of each."
      title="Price history"
    >
      <Card>
        {isByTokens && points.length >= POINTS_MIN ? (
          <CardContent>
            <LineChart
              caption={`The lowest prices of ${modelSlug} by day`}
              format="usd"
              hasGaps
              height={200}
              points={points}
              series={priceSeries}
              unit="Dollars per million tokens"
            />
          </CardContent>
        ) : null}
        <DataTable
          columns={columns}
          empty={null}
          label="Prices and their time"
          rowKey={(row) => `${row.endpointId} ${row.from.toISOString()}`}
          rows={periods.slice(0, ROWS_MAX)}
        />
        {periods.length > ROWS_MAX ? (
          <p className="border-t px-4 py-2 text-muted-foreground text-xs">
            The newest {ROWS_MAX} of {periods.length}.{' '}
            <a className="underline" href={`/api/v1/models/${modelSlug}/price-history`}>
              All of them as JSON
            </a>
          </p>
        ) : null}
      </Card>
    </Section>
  );
}

function spanOf({ prices, from, to }: PricePeriod): PriceSpan {
  const usd = (meter: 'input' | 'output') => {
    const price = basePrice(prices, meter);
    return price === null ? null : Number(formatUsdPerMillion(price));
  };
  return { from, to, input: usd('input'), output: usd('output') };
}

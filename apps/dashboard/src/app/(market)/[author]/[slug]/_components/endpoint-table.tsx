import { Card, DataTable, type DataTableColumn, EmptyState, Monogram } from '@bourse/ui';
import { basePrice } from '../../../../../catalog/prices.ts';
import { CallableState } from '../../../../../components/catalog/model-state.tsx';
import { Day } from '../../../../../components/format/ago.tsx';
import { BasisPoints } from '../../../../../components/format/percent.tsx';
import { PricePerMillion, Unknown } from '../../../../../components/format/price-per-million.tsx';
import { ContextTokens } from '../../../../../components/format/tokens.tsx';
import { Section } from '../../../../../components/page.tsx';
import type { EndpointRow } from '../../../../../data/catalog.ts';
import { PriceDetails } from './price-details.tsx';

const columns: readonly DataTableColumn<EndpointRow>[] = [
  { id: 'provider', header: 'Provider', cell: (row) => <ProviderCell row={row} />, className: 'min-w-48' },
  {
    id: 'state',
    header: 'State',
    cell: (row) => <CallableState isCallable={row.isEnabled ? row.provider.isConfigured : false} />,
  },
  price('input', 'Input $/M'),
  price('output', 'Output $/M'),
  price('input_cache_read', 'Cache read $/M'),
  {
    id: 'markup',
    header: 'Markup',
    align: 'right',
    cell: (row) => <BasisPoints bps={row.markupBps} />,
  },
  {
    id: 'context',
    header: 'Context',
    align: 'right',
    cell: (row) => <ContextTokens count={row.contextTokensMax} />,
  },
  {
    id: 'output-max',
    header: 'Max output',
    align: 'right',
    cell: (row) => (row.outputTokensMax === null ? <Unknown /> : <ContextTokens count={row.outputTokensMax} />),
  },
  { id: 'quantization', header: 'Quantization', cell: (row) => row.quantization ?? <Unknown /> },
  {
    id: 'source',
    header: 'Price checked',
    align: 'right',
    cell: (row) => <Source row={row} />,
  },
];

function price(meter: Parameters<typeof basePrice>[1], header: string): DataTableColumn<EndpointRow> {
  return {
    id: meter,
    header,
    align: 'right',
    cell: (row) => <PricePerMillion price={basePrice(row.prices, meter)} />,
  };
}

/** Who serves the model, at which prices, with which limits, and whether they can be called here. */
export function EndpointTable({ endpoints }: { endpoints: readonly EndpointRow[] }) {
  return (
    <Section
      description="Requests go to an available endpoint: cheaper ones more often, healthy ones first. Prices are what you pay: the provider’s own and the markup on it."
      title={endpoints.length === 1 ? '1 endpoint' : `${endpoints.length} endpoints`}
    >
      <Card>
        <DataTable
          align="top"
          columns={columns}
          empty={
            <EmptyState title="Nobody sells this model">
              The catalog has no endpoint with a price for it, so it cannot be called.
            </EmptyState>
          }
          label="Endpoints"
          rowKey={(row) => row.id}
          rows={endpoints}
        />
      </Card>
    </Section>
  );
}

function ProviderCell({ row }: { row: EndpointRow }) {
  return (
    <div className="flex items-start gap-2.5">
      <Monogram name={row.provider.name} size="sm" />
      <div className="min-w-0">
        <span className="font-medium">{row.provider.name}</span>
        {row.tag === row.provider.slug ? null : (
          <code className="ml-2 font-mono text-subtle-foreground text-xs">{row.tag}</code>
        )}
        <PriceDetails listPrices={row.listPrices} prices={row.prices} />
      </div>
    </div>
  );
}

function Source({ row }: { row: EndpointRow }) {
  return (
    <a
      className="text-muted-foreground underline decoration-line-strong underline-offset-2 hover:text-foreground"
      href={row.source.url}
      rel="noreferrer"
    >
      <Day date={row.source.checkedOn} />
    </a>
  );
}

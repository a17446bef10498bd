import { Card, DataTable, type DataTableColumn, EmptyState, Monogram, StatusDot } from '@bourse/ui';
import type { ReactNode } from 'react';
import { basePrice } from '../../../../../catalog/prices.ts';
import { DataPolicy } from '../../../../../components/catalog/data-policy.tsx';
import { CallableState } from '../../../../../components/catalog/model-state.tsx';
import { Day } from '../../../../../components/format/ago.tsx';
import { Percent } from '../../../../../components/format/percent.tsx';
import { PricePerMillion, Unknown } from '../../../../../components/format/price-per-million.tsx';
import { ContextTokens } from '../../../../../components/format/tokens.tsx';
import { Section } from '../../../../../components/page.tsx';
import type { EndpointRow as CatalogRow } from '../../../../../data/catalog.ts';
import type { EndpointStatus } from '../../../../../data/gateway-status.ts';
import { PriceDetails } from './price-details.tsx';

type EndpointRow = CatalogRow & { status: EndpointStatus | null };

const columns: readonly DataTableColumn<EndpointRow>[] = [
  { id: 'provider', header: 'Provider', cell: (row) => <ProviderCell row={row} />, className: 'min-w-48' },
  {
    id: 'state',
    header: 'State',
    cell: (row) => <EndpointState row={row} />,
  },
  measured('uptime', 'Uptime, day', ({ uptime }) => uptime && <Percent ratio={uptime} />),
  measured('latency', 'Latency', ({ latencyMs }) => latencyMs && `${Math.round(latencyMs)} ms`),
  measured('speed', 'Tokens/s', ({ tokensPerSecond }) => tokensPerSecond && Math.round(tokensPerSecond)),
  price('input', 'Input $/M'),
  price('output', 'Output $/M'),
  price('input_cache_read', 'Cache read $/M'),
  {
    id: 'context',
    header: 'Context',
    align: 'right',
    cell: (row) => <Sizes row={row} />,
  },
  { id: 'data', header: 'Data', cell: (row) => <DataPolicy policy={row.dataPolicy} />, className: 'min-w-40' },
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

type EndpointTableProps = {
  endpoints: readonly CatalogRow[];
  /** What was measured, by endpoint; empty = the gateway did not say. */
  statuses: ReadonlyMap<string, EndpointStatus>;
};

/** Who serves the model, at which prices, with which limits, and whether they can be called here. */
export function EndpointTable({ endpoints, statuses }: EndpointTableProps) {
  const rows = endpoints.map((row) => ({ ...row, status: statuses.get(row.id) ?? null }));
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
          rows={rows}
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
        <Kind row={row} />
        <PriceDetails markupBps={row.markupBps} listPrices={row.listPrices} prices={row.prices} />
      </div>
    </div>
  );
}

function Sizes({ row }: { row: EndpointRow }) {
  return (
    <>
      <ContextTokens count={row.contextTokensMax} />
      {row.outputTokensMax === null ? null : (
        <span className="block whitespace-nowrap text-subtle-foreground text-xs">
          <ContextTokens count={row.outputTokensMax} /> out
        </span>
      )}
    </>
  );
}

/** How it differs from another endpoint of the same model. */
function Kind({ row }: { row: EndpointRow }) {
  const tier = row.serviceTier === 'default' ? null : `${row.serviceTier} tier`;
  const words = [row.quantization, tier, row.isModerated ? 'moderated' : null, row.regions.join(', ')];
  const told = words.filter((word) => word !== null && word !== '');
  return told.length === 0 ? null : <p className="text-subtle-foreground text-xs">{told.join(' · ')}</p>;
}

const troubles = { failing: 'Failing now', stopped: 'Stopped by the operator', off: 'Switched off' } as const;

function EndpointState({ row }: { row: EndpointRow }) {
  const isCallable = row.isEnabled ? row.provider.isConfigured : false;
  const state = row.status?.state ?? 'normal';
  if (isCallable !== true || state === 'normal') return <CallableState isCallable={isCallable} />;
  return <StatusDot tone={state === 'failing' ? 'warning' : 'danger'}>{troubles[state]}</StatusDot>;
}

function measured(
  id: string,
  header: string,
  read: (status: EndpointStatus) => ReactNode,
): DataTableColumn<EndpointRow> {
  return {
    id,
    header,
    align: 'right',
    cell: ({ status }) => <span className="numeric whitespace-nowrap">{(status && read(status)) ?? <Unknown />}</span>,
  };
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

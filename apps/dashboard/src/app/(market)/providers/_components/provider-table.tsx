import { DataTable, type DataTableColumn, Monogram, StatusDot } from '@bourse/ui';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { DataPolicy } from '../../../../components/catalog/data-policy.tsx';
import { CallableState } from '../../../../components/catalog/model-state.tsx';
import { Unknown } from '../../../../components/format/price-per-million.tsx';
import { Count } from '../../../../components/format/tokens.tsx';
import type { ProviderRow } from '../../../../data/providers.ts';

const columns: readonly DataTableColumn<ProviderRow>[] = [
  { id: 'provider', header: 'Provider', cell: (row) => <ProviderCell row={row} />, className: 'min-w-48' },
  { id: 'state', header: 'State', cell: (row) => <ProviderState row={row} /> },
  { id: 'data', header: 'Data', cell: (row) => <DataPolicy policy={row.dataPolicy} />, className: 'min-w-44' },
  { id: 'models', header: 'Models', align: 'right', cell: (row) => <Count count={row.modelCount} /> },
  { id: 'endpoints', header: 'Endpoints', align: 'right', cell: (row) => <Count count={row.endpointCount} /> },
  {
    id: 'headquarters',
    header: 'Headquarters',
    cell: (row) => (row.headquarters ? <Country code={row.headquarters} /> : <Unknown />),
  },
  {
    id: 'documents',
    header: 'Documents',
    cell: (row) => (
      <span className="flex gap-3 whitespace-nowrap text-muted-foreground">
        <Document href={row.privacyPolicyUrl}>Privacy</Document>
        <Document href={row.termsOfServiceUrl}>Terms</Document>
        <Document href={row.statusPageUrl}>Status</Document>
      </span>
    ),
  },
];

/** Providers: the callable ones first. */
export function ProviderTable({ providers, empty }: { providers: readonly ProviderRow[]; empty: ReactNode }) {
  return <DataTable columns={columns} empty={empty} label="Providers" rowKey={(row) => row.slug} rows={providers} />;
}

function ProviderState({ row: { isConfigured, status } }: { row: ProviderRow }) {
  if (isConfigured !== true || status === null) return <CallableState isCallable={isConfigured} />;
  if (status.isStopped) return <StatusDot tone="danger">Stopped</StatusDot>;
  if (status.endpointsFailing === 0) return <CallableState isCallable />;
  return <StatusDot tone="warning">{`${status.endpointsFailing} failing`}</StatusDot>;
}

function ProviderCell({ row }: { row: ProviderRow }) {
  return (
    <Link className="group flex items-center gap-2.5 rounded-sm" href={`/models?provider=${row.slug}`} prefetch={false}>
      <Monogram name={row.name} />
      <span>
        <span className="block font-medium group-hover:underline">{row.name}</span>
        <code className="block font-mono text-subtle-foreground text-xs">{row.slug}</code>
      </span>
    </Link>
  );
}

const countries = new Intl.DisplayNames(['en'], { type: 'region' });

function Country({ code }: { code: string }) {
  return <span className="whitespace-nowrap">{countries.of(code) ?? code}</span>;
}

function Document({ href, children }: { href: string | null; children: string }) {
  if (href === null) return null;
  return (
    <a
      className="underline decoration-line-strong underline-offset-2 hover:text-foreground"
      href={href}
      rel="noreferrer"
    >
      {children}
    </a>
  );
}

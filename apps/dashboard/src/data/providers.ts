import 'server-only';
import { type Endpoint, type PublicDataPolicy, publicDataPolicy } from '@bourse/catalog';
import { catalogSnapshot, type ProviderRef } from './catalog.ts';
import { type ProviderStatus, providerStatuses } from './gateway-status.ts';

/** One provider as the list of providers shows it. */
export type ProviderRow = ProviderRef & {
  endpointCount: number;
  modelCount: number;
  headquarters: string | null;
  datacenters: readonly string[];
  privacyPolicyUrl: string | null;
  termsOfServiceUrl: string | null;
  statusPageUrl: string | null;
  isSandbox: boolean;
  /** What it does with prompts and answers; `varies` where its endpoints differ, null without endpoints. */
  dataPolicy: PublicDataPolicy | 'varies' | null;
  /** Null when the gateway did not say. */
  status: ProviderStatus | null;
};

/** Every provider: callable ones first, then by the number of models. */
export async function listProviders(): Promise<readonly ProviderRow[]> {
  const [catalog, statuses] = await Promise.all([catalogSnapshot(), providerStatuses()]);
  const byProvider = Map.groupBy([...catalog.endpointsByModel.values()].flat(), ({ providerSlug }) => providerSlug);
  const rows = [...catalog.providers.values()].map((provider): ProviderRow => {
    const own = byProvider.get(provider.slug) ?? [];
    const status = statuses?.get(provider.slug) ?? null;
    return {
      ...provider,
      isConfigured: status?.isConfigured ?? null,
      status,
      endpointCount: own.length,
      modelCount: new Set(own.map((endpoint) => endpoint.modelSlug)).size,
      dataPolicy: policyOf(own),
    };
  });
  const callable = (row: ProviderRow) => (row.isConfigured === true ? 0 : 1);
  return rows.sort((a, b) => callable(a) - callable(b) || b.modelCount - a.modelCount || a.name.localeCompare(b.name));
}

function policyOf(endpoints: readonly Endpoint[]): ProviderRow['dataPolicy'] {
  const [first, ...others] = endpoints.map((endpoint) => publicDataPolicy(endpoint));
  if (first === undefined) return null;
  const isOne = others.every(
    (policy) => policy.training === first.training && policy.retention_days === first.retention_days,
  );
  return isOne ? first : 'varies';
}

import { type CatalogSnapshot, type Endpoint, type PublicDataPolicy, publicDataPolicy } from '@bourse/catalog';
import type { Deps } from '../deps.ts';
import { isStopped } from '../snapshot/switches.ts';

/** What is said of a provider as a whole; null where its endpoints differ, or nothing is known. */
function policyOf(endpoints: readonly Endpoint[]): PublicDataPolicy | null {
  const policies = endpoints.map((endpoint) => publicDataPolicy(endpoint));
  const [first] = policies;
  const isOne = policies.every(
    (policy) => policy.training === first?.training && policy.retention_days === first?.retention_days,
  );
  return isOne ? (first ?? null) : null;
}

/** The data of `GET /providers`. */
export function providerRows(
  catalog: CatalogSnapshot,
  deps: Pick<Deps, 'configuredProviders' | 'health' | 'switches'>,
) {
  const switches = deps.switches();
  const byProvider = Map.groupBy([...catalog.endpointsByModel.values()].flat(), ({ providerSlug }) => providerSlug);
  return [...catalog.providers.values()].map((info) => {
    const endpoints = byProvider.get(info.slug) ?? [];
    const sold = endpoints.filter((endpoint) => endpoint.isEnabled && !isStopped(switches, endpoint));
    const out = sold.filter(({ id }) => deps.health.of(id).isOut).length;
    return {
      name: info.name,
      slug: info.slug,
      privacy_policy_url: info.privacyPolicyUrl,
      terms_of_service_url: info.termsOfServiceUrl,
      status_page_url: info.statusPageUrl,
      headquarters: info.headquarters,
      datacenters: [...info.datacenters],
      is_configured: deps.configuredProviders.has(info.slug),
      is_sandbox: info.isSandbox,
      data_policy: policyOf(endpoints),
      model_count: new Set(endpoints.map(({ modelSlug }) => modelSlug)).size,
      endpoint_count: endpoints.length,
      endpoints_failing: out,
      is_stopped: endpoints.length > 0 && sold.length === 0,
    };
  });
}

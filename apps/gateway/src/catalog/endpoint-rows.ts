import {
  type CatalogSnapshot,
  type Endpoint,
  keepsNothing,
  type Model,
  type PublicEndpoint,
  publicArchitecture,
  publicCreated,
  publicEndpoint,
} from '@bourse/catalog';
import type { Deps } from '../deps.ts';
import type { FoundModel } from './find-model.ts';
import { liveOf } from './live.ts';

type Parts = Pick<Deps, 'configuredProviders' | 'markupBpsDefault' | 'health' | 'switches'>;

/** Endpoints of one model with what is known of them now. */
function rowsOf(
  endpoints: readonly Endpoint[],
  { model, catalog }: { readonly model: Model; readonly catalog: CatalogSnapshot },
  deps: Parts,
): readonly PublicEndpoint[] {
  const live = liveOf(deps);
  return endpoints.flatMap((endpoint) => {
    const provider = catalog.providers.get(endpoint.providerSlug);
    return provider === undefined ? [] : [publicEndpoint(endpoint, { model, provider, live: live(endpoint) }, deps)];
  });
}

const isFree = ({ prices }: Endpoint): boolean => prices.lines.every(({ price }) => price === 0n);

/** The data of `GET /models/{author}/{slug}/endpoints`. */
export function modelEndpoints({ listed, isFreeOnly }: FoundModel, catalog: CatalogSnapshot, deps: Parts) {
  const { model, row } = listed;
  const endpoints = isFreeOnly ? listed.endpoints.filter(isFree) : listed.endpoints;
  return {
    id: row.id,
    name: row.name,
    created: publicCreated(model, listed.endpoints),
    description: model.description,
    architecture: publicArchitecture(model),
    ...(row.alias_target === undefined ? {} : { alias_target: row.alias_target }),
    endpoints: rowsOf(endpoints, { model, catalog }, deps),
  };
}

/** The data of `GET /endpoints/zdr`: endpoints whose providers keep nothing, in the order of models. */
export function zdrEndpoints(catalog: CatalogSnapshot, deps: Parts): readonly PublicEndpoint[] {
  return [...catalog.models.values()].flatMap((model) => {
    const endpoints = (catalog.endpointsByModel.get(model.slug) ?? []).filter(keepsNothing);
    return rowsOf(endpoints, { model, catalog }, deps);
  });
}

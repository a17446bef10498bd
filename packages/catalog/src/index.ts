/**
 * @bourse/catalog — floor 1. Authors, models, endpoints, price sheets: types, validation, and the maintained data.
 */
export type {
  Author,
  CatalogSnapshot,
  Endpoint,
  Modality,
  Model,
  PriceLine,
  PriceSheet,
  ProviderInfo,
} from './types.ts';

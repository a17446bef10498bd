/**
 * @bourse/catalog — floor 1. Authors, models, endpoints, price sheets: types, validation, and the maintained data.
 * Refuses: who may use what (routing, access), what a call costs (billing), storage. The data has its own door, `/data`,
 * so that only who seeds a database loads it.
 */
export { metersPricedEach } from '@bourse/generation';
export { buildSnapshot, type CatalogData } from './build-snapshot.ts';
export { applyEdits, type CatalogEdit, readEdit, writeEdit } from './catalog-edit.ts';
export { compareCatalogs, type Doubts, type JudgedEdit, withNewerReadings } from './compare-catalogs.ts';
export { type DataRegion, dataRegions, runsInRegion } from './data-region.ts';
export {
  type PublicPriceKey,
  type PublicPriceOverride,
  type PublicPricing,
  publicPricing,
  withMarkup,
} from './public-pricing.ts';
export {
  keepsNothing,
  type PublicArchitecture,
  type PublicDataPolicy,
  type PublicEndpoint,
  type PublicLive,
  type PublicMarket,
  type PublicModel,
  type PublicPercentiles,
  type PublicReasoning,
  type PublicUptime,
  publicAlias,
  publicArchitecture,
  publicCreated,
  publicDataPolicy,
  publicEndpoint,
  publicModel,
} from './public-shape.ts';
export { isVariant, type ModelVariant, type ResolvedModel, resolveModelSlug } from './resolve-model.ts';
export { swapProblem } from './swap-problem.ts';
export type {
  Author,
  CatalogSnapshot,
  DataPolicy,
  Endpoint,
  Modality,
  Model,
  ModelAlias,
  PriceLine,
  PriceSheet,
  ProviderInfo,
  ReasoningSupport,
  ServiceTier,
  StaticVariant,
} from './types.ts';
export { modalities, unknownDataPolicy } from './types.ts';

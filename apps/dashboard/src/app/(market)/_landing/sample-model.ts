import type { ModelSummary } from '../../../data/catalog.ts';

/**
 * The model that code samples name: one that answers on this market if there is one, a real one before a simulated one, the most
 * used of those. Null in an empty catalog.
 */
export function sampleModel(models: readonly ModelSummary[]): ModelSummary | null {
  const callable = models.filter((model) => model.isRoutable);
  return callable.find((model) => !model.isSandbox) ?? callable[0] ?? realPricedModel(models) ?? models[0] ?? null;
}

/** The model whose price the worked receipt takes: the most used real one that is not free. */
export function realPricedModel(models: readonly ModelSummary[]): ModelSummary | null {
  return models.find((model) => !model.isSandbox && model.inputPrice !== null && model.inputPrice > 0n) ?? null;
}

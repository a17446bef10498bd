import type { ModelSummary } from '../../../data/catalog.ts';

/**
 * The model that samples and the worked receipt use: one that can be called here if there is one, else a real one; priced in both
 * directions, and the most used of those. Null in an empty catalog.
 */
export function sampleModel(models: readonly ModelSummary[]): ModelSummary | null {
  const isPriced = (model: ModelSummary) =>
    model.inputPrice !== null && model.inputPrice > 0n && model.outputPrice !== null;
  const priced = models.filter(isPriced);
  return priced.find((model) => model.isRoutable) ?? priced.find((model) => !model.isSandbox) ?? models[0] ?? null;
}

import type { CatalogSnapshot, Modality, Model } from '@bourse/catalog';
import { AppError } from '@bourse/errors';
import type { Operation, Prompt } from '@bourse/generation';
import type { UnroutablePlan } from '@bourse/routing';

/** Where a model of each kind is asked, the most telling kind first: many that paint or speak also write. */
const ROUTES: readonly (readonly [Modality, Operation | null, string])[] = [
  ['embeddings', 'embeddings', '/api/v1/embeddings'],
  ['rerank', 'rerank', '/api/v1/rerank'],
  ['speech', 'speech', '/api/v1/audio/speech'],
  ['transcription', 'transcription', '/api/v1/audio/transcriptions'],
  ['text', null, '/api/v1/chat/completions'],
  ['image', 'images', '/api/v1/images'],
];

function routeOf({ outputModalities }: Model): (typeof ROUTES)[number] | undefined {
  return ROUTES.find(([modality]) => outputModalities.includes(modality));
}

/**
 * A refusal that names the right route, when a model was asked for something that its kind never does: an embeddings model for a
 * conversation, a chat model for a vector. Null when the plan failed for any other reason.
 */
export function wrongRouteError(plan: UnroutablePlan, prompt: Prompt, catalog: CatalogSnapshot): AppError | null {
  const isKind = plan.excluded.every(({ reason }) => reason === 'modality' || reason === 'feature_unsupported');
  const modelSlug = plan.excluded[0]?.modelSlug;
  const model = modelSlug === undefined ? undefined : catalog.models.get(modelSlug);
  const route = model === undefined ? undefined : routeOf(model);
  if (!isKind || model === undefined || route === undefined) return null;
  const [, operation, path] = route;
  if (operation === (prompt.operation ?? null)) return null;
  return new AppError('invalid_request', `${model.slug} is not served here. Use POST ${path}.`, {
    metadata: { path: 'model', reason: 'wrong_endpoint', endpoint: path, output_modalities: model.outputModalities },
  });
}

import { AppError } from '@bourse/errors';
import type { JsonObject, Prompt } from '@bourse/generation';
import { excludedBy, problemOf, settingFor, type UnroutablePlan } from '@bourse/routing';
import type { Deps } from '../deps.ts';

/** OpenRouter's stable words for why nobody answered (reference: its error guide, 2026-08), beyond those that a plan has. */
type Code = UnroutablePlan['availability'] | 'wrong_endpoint' | 'capacity_exhausted';

/** Where the error is explained. */
function docsUrl({ dashboardUrl }: Pick<Deps, 'dashboardUrl'>, code: Code): string {
  return `${dashboardUrl}/docs#${code}`;
}

/** Names are the client's own and may be huge; all that exist are shorter. */
const NAME_LENGTH_MAX = 200;

/** The names of the models that a request asked for, each cut to a bearable length. */
export function requestedModels({
  model,
  modelFallbacks,
}: Pick<Prompt, 'model' | 'modelFallbacks'>): readonly string[] {
  return [model, ...modelFallbacks].map((name) => name.slice(0, NAME_LENGTH_MAX));
}

/** The one field that keeps everybody out; null where there are several, or none. */
function constraintOf({ excluded }: UnroutablePlan): JsonObject | null {
  const reasons = [...new Set(excluded.map(({ reason }) => reason))];
  const [field, ...others] = new Set(reasons.map(settingFor));
  if (typeof field !== 'string' || others.length > 0) return null;
  return { field, detail: `Every endpoint is ${reasons.map(problemOf).join(', or ')}.` };
}

function whyNot(plan: UnroutablePlan, prompt: Prompt, deps: Pick<Deps, 'dashboardUrl'>): JsonObject {
  const { availability: code, excluded, suggestions } = plan;
  const constraint = code === 'constraint_filtered' ? constraintOf(plan) : null;
  const isTemporary = code === 'temporarily_unavailable';
  return {
    code,
    retryable: isTemporary,
    requested_models: requestedModels(prompt),
    ...(isTemporary ? { affected_providers: [...new Set(excluded.map(({ providerSlug }) => providerSlug))] } : {}),
    ...(excluded.length > 0 ? { excluded_by: excludedBy(excluded) } : {}),
    ...(suggestions.length > 0 ? { fallback_models: suggestions } : {}),
    ...(constraint === null ? {} : { constraint }),
    docs_url: docsUrl(deps, code),
  };
}

function withAvailability(error: AppError, availability: JsonObject): AppError {
  const { code, message, metadata, retryAfterSeconds } = error;
  return new AppError(code, message, {
    metadata: { ...metadata, availability },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** The error of a plan that leads nowhere, with OpenRouter's `availability` beside its message. */
export function explainUnroutable(
  error: AppError,
  { plan, prompt }: { readonly plan: UnroutablePlan; readonly prompt: Prompt },
  deps: Pick<Deps, 'dashboardUrl'>,
): AppError {
  if (error.metadata['reason'] !== 'wrong_endpoint') return withAvailability(error, whyNot(plan, prompt, deps));
  const [code, retryable] = ['wrong_endpoint', false] as const;
  const constraint = { field: 'model', detail: error.message };
  return withAvailability(error, {
    code,
    retryable,
    requested_models: requestedModels(prompt),
    constraint,
    docs_url: docsUrl(deps, code),
  });
}

/** What all attempts came to, in OpenRouter's words: at capacity when each was refused for a rate, else away for now. */
export function explainFailed(
  attempts: readonly { readonly providerSlug: string; readonly outcome: string }[],
  { prompt, retryAfterSeconds }: { readonly prompt: Prompt; readonly retryAfterSeconds: number | null },
  deps: Pick<Deps, 'dashboardUrl'>,
): JsonObject {
  const isFull = attempts.every(({ outcome }) => outcome === 'rate_limited');
  const code = isFull ? 'capacity_exhausted' : 'temporarily_unavailable';
  return {
    code,
    retryable: true,
    ...(retryAfterSeconds === null ? {} : { retry_after: retryAfterSeconds }),
    requested_models: requestedModels(prompt),
    affected_providers: [...new Set(attempts.map(({ providerSlug }) => providerSlug))],
    docs_url: docsUrl(deps, code),
  };
}

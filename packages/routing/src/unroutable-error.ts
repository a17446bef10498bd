import { AppError, type ErrorCode } from '@bourse/errors';
import type { ExclusionReason, UnroutablePlan, UnroutableReason } from './types.ts';

const codes: Readonly<Record<UnroutableReason, ErrorCode>> = {
  unknown_model: 'model_not_found',
  no_endpoint_allowed: 'no_endpoint_allowed',
  context_too_long: 'context_length_exceeded',
  not_configured: 'no_endpoint_available',
  stopped: 'no_endpoint_available',
};

/** OpenRouter's words for the reasons that it has a word for; its clients switch on them. Ours stay as they are. */
const publicReasons: Readonly<Partial<Record<ExclusionReason, string>>> = {
  not_in_only: 'allowed_providers',
  provider_ignored: 'allowed_providers',
  not_in_order: 'allowed_providers',
  data_policy: 'data_policy:training',
};

/**
 * The error for a plan without candidates: 400 for an unknown model or too long a prompt, 404 when the request's own
 * limits leave nobody, 503 when only a provider's key is missing or the operator has stopped those that would serve it. Its metadata says what was asked for and, per
 * endpoint, why it was left out.
 */
export function unroutableError(plan: UnroutablePlan): AppError {
  const excludedBy = [...new Set(plan.excluded.map(({ reason }) => publicReasons[reason] ?? reason))];
  return new AppError(codes[plan.reason], plan.message, {
    metadata: {
      requested_models: plan.requestedModels,
      ...(plan.reason === 'unknown_model' ? { suggestions: plan.suggestions } : {}),
      ...(plan.providersToConfigure.length > 0 ? { providers: plan.providersToConfigure } : {}),
      ...(plan.excluded.length > 0
        ? {
            excluded_by: excludedBy,
            excluded: plan.excluded.map(({ endpointId, reason, feature }) => ({
              endpoint: endpointId,
              reason,
              ...(feature === undefined ? {} : { feature }),
            })),
          }
        : {}),
    },
  });
}

import { AppError, type ErrorCode } from '@bourse/errors';
import type { Exclusion, ExclusionReason, UnroutablePlan, UnroutableReason } from './types.ts';

const codes: Readonly<Record<UnroutableReason, ErrorCode>> = {
  unknown_model: 'model_not_found',
  expired: 'no_endpoint_allowed',
  no_model_matches: 'no_endpoint_allowed',
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
  data_policy_training: 'data_policy:training',
  data_policy_zdr: 'data_policy:zdr',
};

/** The words of `excluded_by` for a plan's exclusions, each once. */
export function excludedBy(excluded: readonly Exclusion[]): readonly string[] {
  return [...new Set(excluded.map(({ reason }) => publicReasons[reason] ?? reason))];
}

/**
 * The error for a plan without candidates: 400 for an unknown model or too long a prompt, 403 when no endpoint lies in the region, 404 when
 * the request's other limits leave nobody, 503 when only a provider's key is missing or the operator has stopped those that would serve it.
 * Its metadata says what was asked for and, per endpoint, why it was left out.
 */
export function unroutableError(plan: UnroutablePlan): AppError {
  const { availability, suggestions, excluded } = plan;
  const code = availability === 'region_restricted' ? 'forbidden' : codes[plan.reason];
  return new AppError(code, plan.message, {
    metadata: {
      reason: availability,
      requested_models: plan.requestedModels,
      ...(plan.reason === 'unknown_model' ? { suggestions } : {}),
      ...(plan.reason !== 'unknown_model' && suggestions.length > 0 ? { fallback_models: suggestions } : {}),
      ...(plan.providersToConfigure.length > 0 ? { providers: plan.providersToConfigure } : {}),
      ...(excluded.length > 0
        ? {
            excluded_by: excludedBy(excluded),
            excluded: excluded.map(({ endpointId, reason, feature }) => ({
              endpoint: endpointId,
              reason,
              ...(feature === undefined ? {} : { feature }),
            })),
          }
        : {}),
    },
  });
}

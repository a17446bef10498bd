import { explanations } from './explanations.ts';
import type { ExclusionReason } from './types.ts';

/** The field of a request that left an endpoint out; null where none did, but the operator or the endpoint itself. */
const settings: Readonly<Record<ExclusionReason, string | null>> = {
  disabled: 'model',
  service_tier: 'service_tier',
  not_free: 'model',
  not_extended: 'model',
  not_thinking: 'model',
  not_in_only: 'provider.only',
  provider_ignored: 'provider.ignore',
  not_in_order: 'provider.order',
  data_policy_training: 'provider.data_collection',
  data_policy_zdr: 'provider.zdr',
  data_region: 'provider.regions',
  not_distillable: 'provider.enforce_distillable_text',
  quantization: 'provider.quantizations',
  modality: 'messages',
  feature_unsupported: 'model',
  tools_unsupported: 'tools',
  require_parameters: 'provider.require_parameters',
  max_price: 'provider.max_price',
  output_cap: 'max_tokens',
  context_length: 'max_tokens',
  provider_not_configured: null,
  stopped: null,
  response_format_unsupported: 'response_format',
  verbosity_unsupported: 'verbosity',
  fallbacks_disallowed: 'provider.allow_fallbacks',
  candidate_limit: 'models',
};

/** Which field of the request to change so that an endpoint is no longer left out for this reason; null: none of them helps. */
export function settingFor(reason: ExclusionReason): string | null {
  return settings[reason];
}

/** What a customer can change about an exclusion, as the end of a sentence: "raise provider.max_price". */
export function adviceFor(reason: ExclusionReason): string {
  return explanations[reason][1];
}

/** What is wrong with an endpoint, as what follows "an endpoint": "above provider.max_price". */
export function problemOf(reason: ExclusionReason): string {
  return explanations[reason][0];
}

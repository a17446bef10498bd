import type { ExclusionReason } from './types.ts';

/** What is wrong with an endpoint that was left out, and what the customer can change about it. */
export const explanations: Readonly<Record<ExclusionReason, readonly [problem: string, remedy: string]>> = {
  disabled: ['switched off', 'choose another model'],
  service_tier: ['of another service tier', 'change service_tier or name its tag in provider.only'],
  not_free: ['not free', 'drop the ":free" suffix or choose a free model'],
  not_extended: ['without the extended context', 'drop the ":extended" suffix'],
  not_thinking: ['unable to think', 'drop the ":thinking" suffix or choose a model that supports reasoning'],
  not_in_only: ['not in provider.only', 'add its provider to provider.only'],
  provider_ignored: ['in provider.ignore', 'remove its provider from provider.ignore'],
  not_in_order: ['not in provider.order', 'set provider.allow_fallbacks to true or extend provider.order'],
  data_policy_training: [
    'that may train on prompts, or do not say',
    'set provider.data_collection to "allow" or choose another model',
  ],
  data_policy_zdr: ['that keep prompts, or do not say', 'set provider.zdr to false or choose another model'],
  data_region: ['outside the regions asked for, or anywhere', 'widen provider.regions or choose another model'],
  not_distillable: [
    'of a model whose answers may not train others',
    'set provider.enforce_distillable_text to false or choose another model',
  ],
  quantization: ['of another quantization', 'widen provider.quantizations'],
  modality: ['unable to read or write this kind of content', 'choose a model with these modalities'],
  feature_unsupported: [
    'at a provider whose API cannot express this request',
    'leave the feature out or choose another model',
  ],
  tools_unsupported: ['unable to use tools', 'remove the tools or choose a model that supports them'],
  require_parameters: [
    'without support for every parameter sent',
    'remove the parameter or set provider.require_parameters to false',
  ],
  max_price: ['above provider.max_price', 'raise provider.max_price'],
  output_cap: ['unable to write max_tokens tokens', 'lower max_tokens'],
  context_length: ['too small for this prompt', 'shorten the prompt or lower max_tokens'],
  provider_not_configured: ['at a provider without a key here', 'configure the provider'],
  stopped: ['stopped by the operator', 'choose another model or try again later'],
  response_format_unsupported: ['without this response format', 'change response_format'],
  verbosity_unsupported: ['without verbosity', 'leave out verbosity'],
  fallbacks_disallowed: ['a fallback', 'set provider.allow_fallbacks to true'],
  candidate_limit: ['beyond the limit of attempts', 'ask for fewer models'],
};

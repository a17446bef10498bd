import { inputTokensAtLeast } from './exclusion.ts';
import { closeSlugs } from './suggest.ts';
import type { Exclusion, ExclusionReason, PlanInput, UnroutablePlan, UnroutableReason } from './types.ts';

interface UnroutableInput {
  readonly input: PlanInput;
  readonly requestedModels: readonly string[];
  /** The slugs of the requested models that exist. */
  readonly models: readonly string[];
  readonly excluded: readonly Exclusion[];
}

/** What is wrong with an endpoint that was left out, and what the customer can change about it. */
const explanations: Readonly<Record<ExclusionReason, readonly [problem: string, remedy: string]>> = {
  disabled: ['switched off', 'choose another model'],
  not_free: ['not free', 'drop the ":free" suffix or choose a free model'],
  not_in_only: ['not in provider.only', 'add its provider to provider.only'],
  provider_ignored: ['in provider.ignore', 'remove its provider from provider.ignore'],
  not_in_order: ['not in provider.order', 'set provider.allow_fallbacks to true or extend provider.order'],
  data_policy: [
    'without a known data policy',
    'allow data collection (provider.data_collection "allow", provider.zdr false) or choose another model',
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
  fallbacks_disallowed: ['a fallback', 'set provider.allow_fallbacks to true'],
  candidate_limit: ['beyond the limit of attempts', 'ask for fewer models'],
};

/** What a customer can change about an exclusion, as the end of a sentence: "raise provider.max_price". */
export function adviceFor(reason: ExclusionReason): string {
  return explanations[reason][1];
}

function unique<Value>(values: readonly Value[]): readonly Value[] {
  return [...new Set(values)];
}

function reasonOf({ models, excluded }: UnroutableInput): UnroutableReason {
  if (models.length === 0) return 'unknown_model';
  const reasons = unique(excluded.map(({ reason }) => reason));
  if (reasons.includes('stopped')) return 'stopped';
  if (reasons.includes('provider_not_configured')) return 'not_configured';
  const atWork = reasons.filter((reason) => reason !== 'disabled');
  return atWork.length === 1 && atWork[0] === 'context_length' ? 'context_too_long' : 'no_endpoint_allowed';
}

function unknownMessage(requestedModels: readonly string[], suggestions: readonly string[]): string {
  const isOne = requestedModels.length === 1;
  const hint = suggestions.length === 0 ? '' : ` Did you mean ${suggestions.join(' or ')}?`;
  const names = requestedModels.map((name) => name.slice(0, 200)).join(', ');
  return `${names} ${isOne ? 'is not a valid model ID' : 'are not valid model IDs'}.${hint} GET /api/v1/models lists them all.`;
}

function contextMessage({ input: { prompt, catalog }, models }: UnroutableInput): string {
  const endpoints = models.flatMap((slug) => catalog.endpointsByModel.get(slug) ?? []);
  const longest = Math.max(...endpoints.map(({ contextTokensMax }) => contextTokensMax));
  const output = prompt.outputTokensMax === undefined ? '' : ` and ${prompt.outputTokensMax} in the output`;
  return (
    `The maximum context length is ${longest} tokens. However, you requested at least ${inputTokensAtLeast(prompt)} tokens ` +
    `in the messages${output}. Shorten the messages, lower max_tokens, or choose a model with a longer context.`
  );
}

/** The names of the environment variables follow from the slugs: capitals, and `_` for every other character. */
function credentialName(providerSlug: string): string {
  return `${providerSlug.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_API_KEY`;
}

function notConfiguredMessage({ input, models }: UnroutableInput, providers: readonly string[]): string {
  const names = providers.map((slug) => `${input.catalog.providers.get(slug)?.name ?? slug} (${credentialName(slug)})`);
  return (
    `No provider that serves ${models.join(', ')} is configured here. Choose another model, or have the operator set the ` +
    `key of ${names.join(' or ')}.`
  );
}

function stoppedMessage({ models }: UnroutableInput): string {
  return `${models.join(', ')} is stopped by the operator for now. Nothing was charged. Choose another model, or try again later.`;
}

function notAllowedMessage({ models, excluded }: UnroutableInput): string {
  if (excluded.length === 0)
    return `No endpoints found for ${models.join(', ')}: nobody serves it. Choose another model.`;
  const reasons = unique(excluded.map(({ reason }) => reason));
  const [only] = reasons;
  const remedies = unique(reasons.map((reason) => explanations[reason][1]));
  const advice = `To change that, ${remedies.join('; or ')}.`;
  if (reasons.length === 1 && only === 'tools_unsupported')
    return `No endpoints found that support tool use. ${advice}`;
  const counts = reasons.map((reason) => {
    const count = excluded.filter((exclusion) => exclusion.reason === reason).length;
    return `${count} ${explanations[reason][0]}`;
  });
  return `No endpoints found for ${models.join(', ')} that this request allows (${counts.join(', ')}). ${advice}`;
}

function messageOf(
  reason: UnroutableReason,
  input: UnroutableInput,
  hints: { suggestions: readonly string[]; providers: readonly string[] },
): string {
  switch (reason) {
    case 'unknown_model':
      return unknownMessage(input.requestedModels, hints.suggestions);
    case 'context_too_long':
      return contextMessage(input);
    case 'not_configured':
      return notConfiguredMessage(input, hints.providers);
    case 'stopped':
      return stoppedMessage(input);
    case 'no_endpoint_allowed':
      return notAllowedMessage(input);
  }
}

/** Explains why a plan has no candidate: the reason, the hints that go with it, and a sentence that says what to change. */
export function unroutable(input: UnroutableInput): UnroutablePlan {
  const { requestedModels, excluded } = input;
  const reason = reasonOf(input);
  const slugs = [...input.input.catalog.models.keys()];
  const suggestions =
    reason === 'unknown_model' ? unique(requestedModels.slice(0, 5).flatMap((name) => closeSlugs(name, slugs))) : [];
  const unconfigured = excluded.filter((exclusion) => exclusion.reason === 'provider_not_configured');
  const providersToConfigure =
    reason === 'not_configured' ? unique(unconfigured.map(({ providerSlug }) => providerSlug)) : [];
  const message = messageOf(reason, input, { suggestions, providers: providersToConfigure });
  return { kind: 'unroutable', reason, requestedModels, excluded, suggestions, providersToConfigure, message };
}

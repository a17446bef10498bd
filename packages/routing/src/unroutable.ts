import type { Asked } from './asked.ts';
import { explanations } from './explanations.ts';
import { closeSlugs } from './suggest.ts';
import type {
  AvailabilityCode,
  Exclusion,
  ExclusionReason,
  PlanInput,
  PlannedModel,
  UnroutablePlan,
  UnroutableReason,
} from './types.ts';

interface UnroutableInput {
  readonly input: PlanInput;
  readonly asked: Asked;
  readonly requestedModels: readonly string[];
  /** The requested models that exist. */
  readonly models: readonly PlannedModel[];
  readonly excluded: readonly Exclusion[];
  /** One of the requested models has left the catalog. */
  readonly isExpired: boolean;
  /** One of the names is a router's. */
  readonly isRouted: boolean;
}

/** Left out as a matter of course: no wish of the customer's did it. */
const COURSE: ReadonlySet<ExclusionReason> = new Set(['disabled', 'service_tier']);
const PRIVACY: ReadonlySet<ExclusionReason> = new Set(['data_policy_training', 'data_policy_zdr']);

function unique<Value>(values: readonly Value[]): readonly Value[] {
  return [...new Set(values)];
}

function reasonsOf(excluded: readonly Exclusion[]): readonly ExclusionReason[] {
  const reasons = unique(excluded.map(({ reason }) => reason));
  const wished = reasons.filter((reason) => !COURSE.has(reason));
  return wished.length === 0 ? reasons : wished;
}

function slugsOf(models: readonly PlannedModel[]): string {
  return models.map(({ slug }) => slug).join(', ');
}

function reasonOf({ models, excluded, isExpired, isRouted }: UnroutableInput): UnroutableReason {
  if (isRouted) return 'no_model_matches';
  if (models.length === 0) return isExpired ? 'expired' : 'unknown_model';
  const reasons = reasonsOf(excluded);
  if (reasons.includes('stopped')) return 'stopped';
  if (reasons.includes('provider_not_configured')) return 'not_configured';
  return reasons.length === 1 && reasons[0] === 'context_length' ? 'context_too_long' : 'no_endpoint_allowed';
}

/** Which of OpenRouter's words fits limits that leave nobody: the narrowest that is true of every endpoint. */
function limitCode(excluded: readonly Exclusion[]): AvailabilityCode {
  const reasons = reasonsOf(excluded);
  const areAll = (isMeant: (reason: ExclusionReason) => boolean) => reasons.length > 0 && reasons.every(isMeant);
  if (reasons.length === 0 || areAll((reason) => reason === 'disabled')) return 'no_endpoints';
  if (areAll((reason) => reason === 'not_free')) return 'free_variant_ended';
  if (areAll((reason) => PRIVACY.has(reason))) return 'privacy_restricted';
  return areAll((reason) => reason === 'data_region') ? 'region_restricted' : 'constraint_filtered';
}

function availabilityOf(reason: UnroutableReason, excluded: readonly Exclusion[]): AvailabilityCode {
  switch (reason) {
    case 'unknown_model':
      return 'model_not_found';
    case 'expired':
      return 'model_deprecated';
    case 'not_configured':
    case 'stopped':
      return 'temporarily_unavailable';
    case 'no_model_matches':
    case 'context_too_long':
      return 'constraint_filtered';
    case 'no_endpoint_allowed':
      return limitCode(excluded);
  }
}

function unknownMessage(requestedModels: readonly string[], suggestions: readonly string[]): string {
  const isOne = requestedModels.length === 1;
  const hint = suggestions.length === 0 ? '' : ` Did you mean ${suggestions.join(' or ')}?`;
  const names = requestedModels.map((name) => name.slice(0, 200)).join(', ');
  return `${names} ${isOne ? 'is not a valid model ID' : 'are not valid model IDs'}.${hint} GET /api/v1/models lists them all.`;
}

function expiredMessage(requestedModels: readonly string[]): string {
  const names = requestedModels.map((name) => name.slice(0, 200)).join(', ');
  return `${names} has left the catalog and nothing succeeds it. Choose another model: GET /api/v1/models lists them all.`;
}

function contextMessage({ input: { prompt, catalog }, asked, models }: UnroutableInput): string {
  const endpoints = models.flatMap(({ slug }) => catalog.endpointsByModel.get(slug) ?? []);
  const longest = Math.max(...endpoints.map(({ contextTokensMax }) => contextTokensMax));
  const output = prompt.outputTokensMax === undefined ? '' : ` and ${prompt.outputTokensMax} in the output`;
  return (
    `The maximum context length is ${longest} tokens. However, you requested at least ${asked.inputTokensAtLeast()} tokens ` +
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
    `No provider that serves ${slugsOf(models)} is configured here. Choose another model, or have the operator set the ` +
    `key of ${names.join(' or ')}.`
  );
}

function stoppedMessage({ models }: UnroutableInput): string {
  return `${slugsOf(models)} is stopped by the operator for now. Nothing was charged. Choose another model, or try again later.`;
}

function noMatchMessage({ input: { prompt }, excluded }: UnroutableInput): string {
  const remedies = unique(reasonsOf(excluded).map((reason) => explanations[reason][1]));
  const more = remedies.length === 0 ? '' : `; or ${remedies.join('; or ')}`;
  const isFree = prompt.model.includes('/free');
  const widen = isFree
    ? 'ask "bourse/auto"'
    : 'widen allowed_models, excluded_models or cost_tier of the plugin "auto-router"';
  return `No models match your request and model restrictions (${prompt.model}). To change that, ${widen}${more}.`;
}

function notAllowedMessage({ input, models, excluded }: UnroutableInput): string {
  if (excluded.length === 0)
    return `No endpoints found for ${slugsOf(models)}: nobody serves it. Choose another model.`;
  const reasons = reasonsOf(excluded);
  const [only] = reasons;
  // The market's own region is no setting of the customer's.
  const remedyOf = (reason: ExclusionReason) =>
    reason === 'data_region' && input.prompt.preferences.regions === undefined
      ? `ask another region of this market than ${input.region ?? ''} or choose another model`
      : explanations[reason][1];
  const advice = `To change that, ${unique(reasons.map(remedyOf)).join('; or ')}.`;
  if (reasons.length === 1 && only === 'tools_unsupported')
    return `No endpoints found that support tool use. ${advice}`;
  const counts = reasons.map((reason) => {
    const count = excluded.filter((exclusion) => exclusion.reason === reason).length;
    return `${count} ${explanations[reason][0]}`;
  });
  return `No endpoints found for ${slugsOf(models)} that this request allows (${counts.join(', ')}). ${advice}`;
}

function messageOf(
  reason: UnroutableReason,
  input: UnroutableInput,
  hints: { suggestions: readonly string[]; providers: readonly string[] },
): string {
  switch (reason) {
    case 'unknown_model':
      return unknownMessage(input.requestedModels, hints.suggestions);
    case 'expired':
      return expiredMessage(input.requestedModels);
    case 'no_model_matches':
      return noMatchMessage(input);
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

function suggestionsOf(
  availability: AvailabilityCode,
  { input, requestedModels, models }: UnroutableInput,
): readonly string[] {
  if (availability === 'free_variant_ended') return unique(models.map(({ slug }) => slug));
  if (availability !== 'model_not_found') return [];
  const slugs = [...input.catalog.models.keys()];
  return unique(requestedModels.slice(0, 5).flatMap((name) => closeSlugs(name, slugs)));
}

/** Explains why a plan has no candidate: the reason, the hints that go with it, and a sentence that says what to change. */
export function unroutable(input: UnroutableInput): UnroutablePlan {
  const { requestedModels, models, excluded } = input;
  const reason = reasonOf(input);
  const availability = availabilityOf(reason, excluded);
  const suggestions = suggestionsOf(availability, input);
  const unconfigured = excluded.filter((exclusion) => exclusion.reason === 'provider_not_configured');
  const providersToConfigure =
    reason === 'not_configured' ? unique(unconfigured.map(({ providerSlug }) => providerSlug)) : [];
  const message = messageOf(reason, input, { suggestions, providers: providersToConfigure });
  const facts = { reason, availability, requestedModels, models, excluded, suggestions, providersToConfigure, message };
  return { kind: 'unroutable', ...facts };
}

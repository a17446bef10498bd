import type { Prompt } from '@bourse/generation';
import { type Asked, CHARACTERS_PER_TOKEN_MAX, type VariantWishes } from './asked.ts';
import type { EndpointFacts, ModelFacts } from './facts.ts';
import { isAvoidedBy, placeAmong } from './name-match.ts';
import { staysWithin } from './regions.ts';
import type { ExclusionReason, PlanInput } from './types.ts';

/** What the hard filters look at beside the endpoint. */
export interface Question {
  readonly asked: Asked;
  readonly input: PlanInput;
  readonly model: ModelFacts;
  readonly wishes: VariantWishes;
  /** The model can read the prompt and write what is wanted: the same for all its endpoints. */
  readonly hasModalities: boolean;
}

/** Why an endpoint is left out; `feature` names what it lacks. */
export interface Refusal {
  readonly reason: ExclusionReason;
  readonly feature?: string;
}

type Verdict = ExclusionReason | Refusal | null;

function isNamed(facts: EndpointFacts, names: readonly string[]): boolean {
  return names.length > 0 && placeAmong(facts, names) >= 0;
}

/**
 * Flex and priority endpoints serve those who ask for them: by `service_tier`, by a suffix that lets them in (not beside `provider.order`),
 * or by their own tag. Who asks for flex gets nothing else, where there is any (reference: OpenRouter's service tier guide, 2026-08).
 */
function isTierAllowed(facts: EndpointFacts, { asked, model, wishes }: Question): boolean {
  if (asked.tier === 'flex' && model.hasFlex) return facts.tier === 'flex';
  if (facts.tier === 'default' || facts.tier === asked.tier) return true;
  if (facts.tier === wishes.admits && asked.order.length === 0) return true;
  return isNamed(facts, asked.only) || isNamed(facts, asked.order);
}

/** What the endpoint is, and who the customer wants to be served by. */
function byName(facts: EndpointFacts, question: Question): Verdict {
  const { asked, model, wishes } = question;
  const { allowFallbacks } = asked.prompt.preferences;
  if (!facts.endpoint.isEnabled) return 'disabled';
  if (!isTierAllowed(facts, question)) return 'service_tier';
  if (wishes.isFreeOnly && !facts.isZeroPriced) return 'not_free';
  if (wishes.isExtendedOnly && facts.endpoint.contextTokensMax < model.contextTokensMax) return 'not_extended';
  if (wishes.isThinkingOn && !facts.parameters.has('reasoning')) return 'not_thinking';
  // An empty list is what clients send for "no wish", so it allows everybody.
  if (asked.only.length > 0 && !isNamed(facts, asked.only)) return 'not_in_only';
  if (asked.ignore.length > 0 && isAvoidedBy(facts, asked.ignore)) return 'provider_ignored';
  if (allowFallbacks === false && asked.order.length > 0 && !isNamed(facts, asked.order)) return 'not_in_order';
  return null;
}

/** Privacy and licenses. Unknown counts as "keeps and trains"; the sandbox keeps nothing and runs here. */
function byPolicy({ endpoint, isSandbox }: EndpointFacts, { asked, model }: Question): Verdict {
  const { dataCollection, zdr, isDistillableOnly } = asked.prompt.preferences;
  if (isDistillableOnly === true && model.model.isDistillable !== true) return 'not_distillable';
  if (isSandbox) return null;
  if (zdr === true && endpoint.dataPolicy.retentionDays !== 0) return 'data_policy_zdr';
  if (dataCollection === 'deny' && endpoint.dataPolicy.trains !== false) return 'data_policy_training';
  if (asked.countries.length === 0) return null;
  return asked.countries.every((countries) => staysWithin(endpoint.regions, countries)) ? null : 'data_region';
}

const TEXT_ALONE: NonNullable<Prompt['outputModalities']> = ['text'];

/** True when a model can read a prompt's content and write what is wanted of it. */
export function canReadAndWrite({ model }: ModelFacts, { prompt, contentTypes }: Asked): boolean {
  const wanted = prompt.outputModalities ?? TEXT_ALONE;
  if (!wanted.every((modality) => model.outputModalities.includes(modality))) return false;
  // What cannot say a word holds no conversation, also where only its pictures are wanted.
  if (prompt.operation === undefined && !model.outputModalities.includes('text')) return false;
  return contentTypes.every((type) => model.inputModalities.includes(type));
}

/** What the request needs and the endpoint cannot do. */
function byAbility(facts: EndpointFacts, question: Question): Verdict {
  const { asked, input } = question;
  const { prompt, quantizations } = asked;
  if (quantizations !== null && !quantizations.has(facts.endpoint.quantization ?? 'unknown')) return 'quantization';
  if (!question.hasModalities) return 'modality';
  const lacking = input.lacks(facts.endpoint);
  if (lacking !== null) return { reason: 'feature_unsupported', feature: lacking };
  if (prompt.tools.length > 0 && !facts.parameters.has('tools')) return 'tools_unsupported';
  if (prompt.preferences.requireParameters !== true) return null;
  const missing = prompt.parameters.find((name) => !facts.parameters.has(name));
  return missing === undefined ? null : { reason: 'require_parameters', feature: missing };
}

/** Ceilings hold for what the customer pays, markup included, at the dearest tier that the prompt may reach. */
function isWithinMaxPrice(facts: EndpointFacts, { asked, input }: Question): boolean {
  const markupBps = BigInt(10_000 + (facts.endpoint.markupBps ?? input.markupBpsDefault));
  return asked.ceilings.every(({ meter, price: ceiling }) => {
    const isText = meter === 'input' || meter === 'output';
    const price = isText ? facts.dearestPrice(meter, asked.prompt.inputBytes) : facts.ownPrice(meter);
    return price === null || price * markupBps <= ceiling * 10_000n;
  });
}

/** Bytes are known and text must be walked; most prompts are settled by the first comparison. */
function fits(tokensMax: number, { prompt, inputTokensAtLeast }: Asked): boolean {
  return prompt.inputBytes / CHARACTERS_PER_TOKEN_MAX <= tokensMax || inputTokensAtLeast() <= tokensMax;
}

/** What the request would cost, and how long it and its answer are. */
function bySize(facts: EndpointFacts, question: Question): Verdict {
  const { asked } = question;
  const { contextTokensMax, outputTokensMax, inputTokensMax } = facts.endpoint;
  const wanted = asked.prompt.outputTokensMax;
  if (asked.ceilings.length > 0 && !isWithinMaxPrice(facts, question)) return 'max_price';
  if (outputTokensMax !== null && wanted !== undefined && wanted > outputTokensMax) return 'output_cap';
  const room = contextTokensMax - (wanted ?? 1);
  if (room < 0 || !fits(room, asked)) return 'context_length';
  return inputTokensMax === null || fits(inputTokensMax, asked) ? null : 'context_length';
}

/** The first hard filter that an endpoint fails, or null when it may serve the prompt, leaving open on whose key and whether it is stopped. */
export function refusalOf(facts: EndpointFacts, question: Question): Refusal | null {
  const verdict =
    byName(facts, question) ?? byPolicy(facts, question) ?? byAbility(facts, question) ?? bySize(facts, question);
  return typeof verdict === 'string' ? { reason: verdict } : verdict;
}

import type { ModelVariant } from '@bourse/catalog';
import { AppError } from '@bourse/errors';
import type { ContentPart, Meter, Prompt, SortKey } from '@bourse/generation';
import { type PicodollarsPerUnit, picodollarsFromUsdPerMillion, picodollarsFromUsdPerUnit } from '@bourse/money';
import { lowerCased } from './name-match.ts';
import { countriesOf } from './regions.ts';
import type { PlanInput } from './types.ts';

/** What a customer pays at most for a unit of a meter. */
export interface Ceiling {
  readonly meter: Meter;
  readonly price: PicodollarsPerUnit;
}

/** A request as the filters read it, put together once for all endpoints. */
export interface Asked {
  readonly prompt: Prompt;
  readonly only: readonly string[];
  readonly ignore: readonly string[];
  readonly order: readonly string[];
  /** The kinds of content in the prompt. */
  readonly contentTypes: readonly ContentPart['type'][];
  /** The values of `Endpoint.quantization` that are allowed, `unknown` for null; null when all are. */
  readonly quantizations: ReadonlySet<string> | null;
  /** The countries where the prompt may be read, one set per who says so: all of them hold. */
  readonly countries: readonly ReadonlySet<string>[];
  readonly ceilings: readonly Ceiling[];
  readonly tier: 'default' | 'flex' | 'priority';
  /** Fewer tokens than the prompt's text can have, whatever the tokenizer; counted when somebody asks. */
  readonly inputTokensAtLeast: () => number;
}

/**
 * No text is longer than this per token on average. Bytes bound tokens from above, which must never refuse a prompt; only a prompt that is
 * too long even at this density is refused here, the rest is the provider's to judge.
 */
export const CHARACTERS_PER_TOKEN_MAX = 8;

/** The formats of lower precision that a family name stands for. */
const quantizationFamilies: Readonly<Record<string, readonly string[]>> = {
  fp4: ['fp4', 'mxfp4', 'nvfp4'],
  fp8: ['fp8', 'mxfp8'],
};

const ceilings = [
  { key: 'prompt', meter: 'input', parse: picodollarsFromUsdPerMillion },
  { key: 'completion', meter: 'output', parse: picodollarsFromUsdPerMillion },
  { key: 'request', meter: 'request', parse: picodollarsFromUsdPerUnit },
  { key: 'image', meter: 'input_image', parse: picodollarsFromUsdPerUnit },
  { key: 'audio', meter: 'input_audio', parse: picodollarsFromUsdPerUnit },
] as const satisfies readonly { key: string; meter: Meter; parse: (usd: string) => PicodollarsPerUnit }[];

const NOTHING: readonly never[] = [];

function parseCeiling(key: string, text: string, parse: (usd: string) => PicodollarsPerUnit): PicodollarsPerUnit {
  try {
    return parse(text);
  } catch (cause) {
    // A customer's number, so the customer's error: the parser's RangeError would surface as ours.
    throw new AppError('invalid_request', `provider.max_price.${key} is not a price: ${JSON.stringify(text)}.`, {
      cause,
      metadata: { path: `provider.max_price.${key}` },
    });
  }
}

function ceilingsOf({ preferences: { maxPrice } }: Prompt): readonly Ceiling[] {
  if (maxPrice === undefined) return NOTHING;
  return ceilings.flatMap(({ key, meter, parse }) => {
    const text = maxPrice[key];
    return text === undefined ? [] : [{ meter, price: parseCeiling(key, text, parse) }];
  });
}

function contentTypesOf({ messages }: Prompt): readonly ContentPart['type'][] {
  const types: ContentPart['type'][] = [];
  for (const { content } of messages) {
    for (const { type } of content) if (!types.includes(type)) types.push(type);
  }
  return types;
}

function countInputTokensAtLeast({ messages }: Prompt): number {
  let characters = 0;
  for (const { content } of messages) {
    for (const part of content) characters += part.type === 'text' ? part.text.length : 0;
  }
  return Math.floor(characters / CHARACTERS_PER_TOKEN_MAX);
}

function regionsOf({ prompt: { preferences }, region }: PlanInput): readonly ReadonlySet<string>[] {
  if (preferences.regions === undefined && !region) return NOTHING;
  const lists = [preferences.regions ?? [], region ? [region] : []];
  return lists.filter((list) => list.length > 0).map(countriesOf);
}

/** `fast` is OpenRouter's other word for `priority`; what is not a tier that is sold here means none (reference: 2026-08). */
function tierOf({ serviceTier }: Prompt): Asked['tier'] {
  if (serviceTier === 'priority' || serviceTier === 'fast') return 'priority';
  return serviceTier === 'flex' ? 'flex' : 'default';
}

/** Throws AppError `invalid_request` for a `provider.max_price` that is no price. */
export function askedOf(input: PlanInput): Asked {
  const { prompt } = input;
  const { only, ignore, order, quantizations } = prompt.preferences;
  let tokens = -1;
  return {
    prompt,
    only: lowerCased(only),
    ignore: lowerCased(ignore),
    order: lowerCased(order),
    contentTypes: contentTypesOf(prompt),
    quantizations:
      quantizations === undefined
        ? null
        : new Set(quantizations.flatMap((name) => quantizationFamilies[name] ?? [name])),
    countries: regionsOf(input),
    ceilings: ceilingsOf(prompt),
    tier: tierOf(prompt),
    inputTokensAtLeast: () => {
      if (tokens < 0) tokens = countInputTokensAtLeast(prompt);
      return tokens;
    },
  };
}

/** What the suffixes of a model's name ask for. */
export interface VariantWishes {
  readonly variants: readonly ModelVariant[];
  readonly isFreeOnly: boolean;
  readonly isExtendedOnly: boolean;
  readonly isThinkingOn: boolean;
  readonly sort: SortKey | null;
  /** The tier whose endpoints are let in beside the default ones. */
  readonly admits: 'flex' | 'priority' | null;
}

const sortsOfVariants: Readonly<Partial<Record<ModelVariant, SortKey>>> = {
  nitro: 'throughput',
  floor: 'price',
  exacto: 'exacto',
};

/** Nothing behind the name, as most are. */
export const noVariants: VariantWishes = {
  variants: NOTHING,
  isFreeOnly: false,
  isExtendedOnly: false,
  isThinkingOn: false,
  sort: null,
  admits: null,
};

/** The first of the suffixes that says something of the order decides it. */
export function wishesOf(variants: readonly ModelVariant[]): VariantWishes {
  if (variants.length === 0) return noVariants;
  const sorting = variants.find((variant) => sortsOfVariants[variant] !== undefined);
  const tier = sorting === 'nitro' ? 'priority' : null;
  return {
    variants,
    isFreeOnly: variants.includes('free'),
    isExtendedOnly: variants.includes('extended'),
    isThinkingOn: variants.includes('thinking'),
    sort: (sorting && sortsOfVariants[sorting]) ?? null,
    admits: sorting === 'floor' ? 'flex' : tier,
  };
}

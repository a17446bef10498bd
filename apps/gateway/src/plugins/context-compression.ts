import { resolveModelSlug } from '@bourse/catalog';
import type { JsonObject, JsonValue, PipelineStep, Prompt } from '@bourse/generation';
import type { ConversationForm } from '@bourse/wire';
import type { Deps } from '../deps.ts';
import type { TokenCounter } from '../tokenizer.ts';
import { countJson } from './count-turns.ts';
import { cutMiddle, middleOut } from './middle-out.ts';

/** The largest context among the endpoints of the model that was asked for; null for a name that stands for no model or for many. */
export function contextTokensOf({ model }: Prompt, { catalog }: Pick<Deps, 'catalog'>): number | null {
  const snapshot = catalog();
  const slug = resolveModelSlug(snapshot, model)?.slug;
  const endpoints = slug === undefined ? [] : (snapshot.endpointsByModel.get(slug) ?? []);
  const contexts = endpoints.filter(({ isEnabled }) => isEnabled).map(({ contextTokensMax }) => contextTokensMax);
  return contexts.length === 0 ? null : Math.max(...contexts);
}

/** Our tokenizer is not the model's: what fits by this much, fits. */
const SAFETY = 1.15;
/** Left for an answer of which nobody said how long it may be. */
const OUTPUT_TOKENS_DEFAULT = 1_024;
/** Each token is a byte at least, and hardly one has fewer than two on average: below this nothing needs to be counted. */
const BYTES_PER_TOKEN_MIN = 2;
const TEXT_LENGTH_MIN = 256;
/** Cuts that are tried, each half as long as the one before. */
const CUTS_MAX = 20;

/** How many tokens of prompt fit beside the answer. */
function roomOf(prompt: Prompt, contextTokens: number): number {
  const output = prompt.outputTokensMax ?? Math.min(OUTPUT_TOKENS_DEFAULT, Math.floor(contextTokens / 4));
  return Math.max(0, Math.floor((contextTokens - output) / SAFETY));
}

interface Sized {
  readonly items: readonly JsonValue[];
  readonly tokens: number;
}

/** The middle of long texts cut out, shorter and shorter until all fits; the system's words stay. */
async function shorten(
  items: readonly JsonValue[],
  room: number,
  { form, counter }: { form: ConversationForm; counter: TokenCounter },
): Promise<Sized & { readonly shortened: number }> {
  const isSystem = form.turns(form.withTurns({}, items)).map(({ role }) => role === 'system');
  const longest = Math.max(TEXT_LENGTH_MIN, ...items.map((item) => JSON.stringify(item).length));
  let length = longest;
  for (let cuts = 0; ; cuts += 1) {
    length = Math.max(TEXT_LENGTH_MIN, Math.floor(length / 2));
    const limit = length;
    const cut = items.map((item, index) =>
      isSystem[index] === true ? item : form.mapTexts(item, (text) => cutMiddle(text, limit)),
    );
    const sizes = await Promise.all(cut.map((item) => countJson(item, counter)));
    const tokens = sizes.reduce((sum, size) => sum + size, 0);
    const shortened = cut.filter((item, index) => JSON.stringify(item) !== JSON.stringify(items[index])).length;
    if (tokens <= room || length === TEXT_LENGTH_MIN || cuts === CUTS_MAX) return { items: cut, tokens, shortened };
  }
}

function stepOf(facts: {
  readonly turns: number;
  readonly kept: number;
  readonly shortened: number;
  readonly tokensBefore: number;
  readonly tokensAfter: number;
}): PipelineStep {
  const { turns, kept, shortened, tokensBefore, tokensAfter } = facts;
  const cut = shortened === 0 ? '' : ` and shortened ${shortened}`;
  return {
    type: 'context_compression',
    name: 'context-compression',
    summary: `Left out ${turns - kept} of ${turns} turns from the middle${cut}.`,
    data: {
      engine: 'middle-out',
      turns_before: turns,
      turns_after: kept,
      turns_shortened: shortened,
      estimated_tokens_before: tokensBefore,
      estimated_tokens_after: tokensAfter,
    },
  };
}

/** A conversation that was made to fit, and what was done for that. */
export interface Compressed {
  readonly body: JsonObject;
  readonly step: PipelineStep;
}

/**
 * Leaves out turns from the middle of a conversation, and where that is not enough cuts the middle out of long texts, until it fits the
 * context by our own count. Null when it fits as it is, or is no list of turns.
 */
export async function compress(
  prompt: Prompt,
  contextTokens: number,
  { form, counter: loading }: { readonly form: ConversationForm; readonly counter: Promise<TokenCounter> },
): Promise<Compressed | null> {
  const { body } = prompt.source;
  const room = roomOf(prompt, contextTokens);
  if (prompt.inputBytes / BYTES_PER_TOKEN_MIN <= room) return null;
  const turns = form.turns(body);
  if (turns.length === 0) return null;
  const counter = await loading;
  const beside = await countJson(form.withTurns(body, []), counter);
  const sizes: number[] = [];
  for (const { item } of turns) sizes.push(await countJson(item, counter));
  const tokensBefore = beside + sizes.reduce((sum, size) => sum + size, 0);
  if (tokensBefore <= room) return null;
  const { kept, isFitting } = middleOut(turns, sizes, room - beside);
  const items = kept.flatMap((index) => turns[index]?.item ?? []);
  const keptTokens = kept.reduce((sum, index) => sum + (sizes[index] ?? 0), 0);
  const left = isFitting
    ? { items, tokens: keptTokens, shortened: 0 }
    : await shorten(items, room - beside, { form, counter });
  const step = stepOf({
    turns: turns.length,
    kept: kept.length,
    shortened: left.shortened,
    tokensBefore,
    tokensAfter: beside + left.tokens,
  });
  return { body: form.withTurns(body, left.items), step };
}

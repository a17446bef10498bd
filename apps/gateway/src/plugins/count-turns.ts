import { isJsonObject, type JsonValue } from '@bourse/generation';
import type { TokenCounter } from '../tokenizer.ts';

/** What a picture or a file in base64 is taken to cost, roughly: a large picture in detail. */
const TOKENS_PER_MEDIUM = 1_600;
/** Longer than any word that anybody writes. */
const WORD_LENGTH_MAX = 4_096;
const TOKENS_PER_TURN = 8;

function isMedium(text: string): boolean {
  return text.startsWith('data:') || (text.length > WORD_LENGTH_MAX && !/\s/.test(text.slice(0, WORD_LENGTH_MAX)));
}

interface Strings {
  readonly texts: string[];
  media: number;
}

function gather(value: JsonValue, strings: Strings): void {
  if (typeof value === 'string') {
    if (isMedium(value)) strings.media += 1;
    else strings.texts.push(value);
  } else if (Array.isArray(value)) {
    for (const each of value) gather(each, strings);
  } else if (isJsonObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      strings.texts.push(name);
      if (member !== undefined) gather(member, strings);
    }
  }
}

/** What a piece of a body comes to in tokens, by our own count of all its words: a little more than a model reads of it. */
export async function countJson(value: JsonValue, counter: TokenCounter): Promise<number> {
  const strings: Strings = { texts: [], media: 0 };
  gather(value, strings);
  return TOKENS_PER_TURN + strings.media * TOKENS_PER_MEDIUM + (await counter.count([strings.texts.join('\n')]));
}

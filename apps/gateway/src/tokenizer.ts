import { countTokens as countO200k } from 'gpt-tokenizer/encoding/o200k_base';

/** Longer texts are extrapolated from their head: a tokenizer must not hold up everybody's event loop. */
const CHARACTERS_MAX = 65_536;

/** Tokens in a text by OpenAI's o200k_base: the reference for estimates at providers that publish no tokenizer. */
export function countTokens(text: string): number {
  if (text.length <= CHARACTERS_MAX) return countO200k(text);
  return Math.ceil((countO200k(text.slice(0, CHARACTERS_MAX)) * text.length) / CHARACTERS_MAX);
}

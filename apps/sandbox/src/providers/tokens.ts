import { countTokens as countIn, decodeGenerator, encode } from 'gpt-tokenizer/encoding/o200k_base';

// Text such as `<|endoftext|>` in a prompt is text, not a control token: without this the tokenizer throws on it.
const PLAIN = { disallowedSpecial: new Set<string>() };

/** Token ids of the text in `o200k_base`, the vocabulary of OpenAI's models since 2024. */
export function encodeText(text: string): number[] {
  return encode(text, PLAIN);
}

/** How many `o200k_base` tokens the text has. */
export function countTokens(text: string): number {
  return countIn(text, PLAIN);
}

/** The text cut into one string per token; a character that spans tokens stays whole. Joined, it is the text again. */
export function splitTokens(text: string): string[] {
  return [...decodeGenerator(encodeText(text))].filter((piece) => piece !== '');
}

/** The longest prefix of at most `max` tokens, and whether anything was cut off. Never ends inside a character. */
export function cutToTokens(text: string, max: number): { text: string; isCut: boolean } {
  if (encodeText(text).length <= max) return { text, isCut: false };
  // Whole pieces only. `decode` of a row that ends inside a character would leave its bytes in a decoder which the
  // tokenizer (4.0.0) shares between all calls, and they would come out in front of somebody else's text.
  const pieces = splitTokens(text);
  for (let length = Math.min(max, pieces.length); length > 0; length -= 1) {
    const prefix = pieces.slice(0, length).join('');
    // A prefix that ends inside a word can encode to other tokens than it was cut from.
    if (countTokens(prefix) <= max) return { text: prefix, isCut: true };
  }
  return { text: '', isCut: true };
}

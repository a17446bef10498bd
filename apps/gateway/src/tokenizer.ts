/** Longer texts are extrapolated from their head: a tokenizer must not hold up everybody's event loop. */
const CHARACTERS_MAX = 65_536;

/** Counts the tokens of a text. */
export type TokenCounter = (text: string) => number;

/**
 * Tokens by OpenAI's o200k_base: the reference for estimates at providers that publish no tokenizer. Its table takes half a second
 * of CPU to load, so it is loaded beside the start of the server, not before it.
 */
export async function loadTokenCounter(): Promise<TokenCounter> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  return (text) => {
    if (text.length <= CHARACTERS_MAX) return countTokens(text);
    return Math.ceil((countTokens(text.slice(0, CHARACTERS_MAX)) * text.length) / CHARACTERS_MAX);
  };
}

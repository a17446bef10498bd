/** Counts tokens by one public tokenizer. */
export interface TokenCounter {
  /** Names the tokenizer in flags and receipts, e.g. `o200k_base`. */
  readonly method: string;
  /** At once, and as slow as the text is long: for pieces of a few kilobytes. */
  readonly countNow: (text: string) => number;
  /** Of any number of texts, with a pause for others after each 16 Ki characters. Beyond 2 Mi characters it extrapolates. */
  readonly count: (texts: readonly string[]) => Promise<number>;
}

/** Above this a count costs more CPU than its exactness is worth: the rest is taken to be like the beginning. */
const COUNTED_CHARACTERS_MAX = 2 * 1024 * 1024;
/** The worst text known (random letters) takes 2 us per character, so that nobody waits longer than some 30 ms. */
const CHARACTERS_PER_TURN = 16 * 1024;
/**
 * A word without spaces costs the square of its length: 16 Ki characters of Chinese take a second, in pieces of 256 a millisecond. A cut
 * before a space changes nothing, any other adds a token at most.
 */
const CHARACTERS_PER_PIECE = 256;

const SPACE = 0x20;
const HIGH_SURROGATE_MIN = 0xd800;
const HIGH_SURROGATE_MAX = 0xdbff;

/** Where a piece that begins at `start` ends: before the last space of its second half if there is one, never within a surrogate pair. */
function pieceEnd(text: string, start: number): number {
  const end = start + CHARACTERS_PER_PIECE;
  if (end >= text.length) return text.length;
  for (let index = end; index > start + CHARACTERS_PER_PIECE / 2; index -= 1) {
    if (text.charCodeAt(index) === SPACE) return index;
  }
  const last = text.charCodeAt(end - 1);
  return last >= HIGH_SURROGATE_MIN && last <= HIGH_SURROGATE_MAX ? end - 1 : end;
}

function countRange(text: string, range: { from: number; to: number }, countPiece: (text: string) => number): number {
  let tokens = 0;
  for (let at = range.from; at < range.to; ) {
    const end = Math.min(pieceEnd(text, at), range.to);
    tokens += countPiece(text.slice(at, end));
    at = end;
  }
  return tokens;
}

async function countInTurns(texts: readonly string[], countPiece: (text: string) => number): Promise<number> {
  let tokens = 0;
  let seen = 0;
  let characters = 0;
  let inTurn = 0;
  for (const text of texts) {
    characters += text.length;
    for (let at = 0; at < text.length && seen < COUNTED_CHARACTERS_MAX; ) {
      const to = Math.min(at + CHARACTERS_PER_TURN, text.length);
      tokens += countRange(text, { from: at, to }, countPiece);
      seen += to - at;
      inTurn += to - at;
      at = to;
      if (inTurn < CHARACTERS_PER_TURN) continue;
      inTurn = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return seen === characters ? tokens : Math.ceil((tokens * characters) / seen);
}

/** Texts of customers may hold words like `<|endoftext|>`: to us they are text like any other, not control tokens and not an error. */
const NO_SPECIAL_TOKENS = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

/**
 * Tokens by OpenAI's o200k_base: the reference for estimates at providers that publish no tokenizer. Its table takes half a second
 * of CPU to load, so it is loaded beside the start of the server, not before it.
 */
export async function loadTokenCounter(): Promise<TokenCounter> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  const countPiece = (text: string) => countTokens(text, NO_SPECIAL_TOKENS);
  return {
    method: 'o200k_base',
    countNow: (text) => countRange(text, { from: 0, to: text.length }, countPiece),
    count: (texts) => countInTurns(texts, countPiece),
  };
}

/** Fewer bytes per token than nearly all text has: below it there is nothing to count yet. */
const BYTES_PER_TOKEN_MIN = 2;
/** Tokenizers differ: so many more tokens by ours are still taken for a provider's own count within its cap. */
const TOLERANCE_PERCENT = 25;
const TOLERANCE_TOKENS = 16;
/** Tokens are counted in pieces of at least so many bytes: smaller ones count the seams, not the text. */
const PIECE_BYTES_MIN = 64;

/** Of a longer text the beginning is counted and the rest taken to be like it: a count must not hold up everybody. */
const SAMPLE_CHARACTERS_MAX = 8_192;

/** UTF-8 bytes of a text; of half a surrogate pair, its share. */
function bytesOf(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    if (code < 0x800 || (code >= 0xd800 && code < 0xe000)) bytes += 1;
    else bytes += 2;
  }
  return bytes;
}

/**
 * Says when a stream has certainly delivered more output than its money covers: the provider ignores the cap that it was told. Cheap
 * while there is no danger: bytes are added up, and the text is counted only from the point where it could be too much, each piece once.
 * Keeps no more of the text than it counts.
 */
export class SpendGuard {
  readonly #tokensMax: number;
  readonly #countTokens: (text: string) => number;
  #counted = 0;
  /** The beginning of what is not counted yet. */
  #sample = '';
  #sampleBytes = 0;
  #pendingBytes = 0;

  /** `outputTokensMax`: what the money covers, over all alternatives. `countTokens` gets short texts and may be slow. */
  constructor(options: { readonly outputTokensMax: number; readonly countTokens: (text: string) => number }) {
    this.#tokensMax = Math.floor((options.outputTokensMax * (100 + TOLERANCE_PERCENT)) / 100) + TOLERANCE_TOKENS;
    this.#countTokens = options.countTokens;
  }

  /** Takes in output that was delivered; true from the moment on that it was too much. */
  isSpentBy(text: string): boolean {
    const bytes = bytesOf(text);
    this.#pendingBytes += bytes;
    if (this.#sample.length < SAMPLE_CHARACTERS_MAX) this.#keep(text, bytes);
    const left = this.#tokensMax - this.#counted;
    if (left < 0) return true;
    if (this.#pendingBytes < Math.max(left * BYTES_PER_TOKEN_MIN, PIECE_BYTES_MIN)) return false;
    this.#counted += Math.floor((this.#countTokens(this.#sample) * this.#pendingBytes) / this.#sampleBytes);
    this.#sample = '';
    this.#sampleBytes = 0;
    this.#pendingBytes = 0;
    return this.#counted > this.#tokensMax;
  }

  #keep(text: string, bytes: number): void {
    const room = SAMPLE_CHARACTERS_MAX - this.#sample.length;
    const kept = text.length <= room ? text : text.slice(0, room);
    this.#sample += kept;
    this.#sampleBytes += kept === text ? bytes : bytesOf(kept);
  }
}

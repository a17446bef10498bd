/** How long a file of sound plays, in seconds, as far as its bytes tell. */
export interface SoundLength {
  /** Certainly no longer than this. */
  readonly most: number;
  /** Our own count. */
  readonly likely: number;
  readonly method: 'wav_header' | 'bytes_at_128_kbps';
}

/** Speech codecs go down to 6 kbit/s (Opus) and 4.75 kbit/s (AMR): a byte is at most this much of a second. */
const BYTES_PER_SECOND_MIN = 500;
/** The usual MP3 or AAC. */
const BYTES_PER_SECOND_LIKELY = 16_000;

const PCM = 1;
const FLOAT = 3;
const RIFF_HEAD_BYTES = 12;
const CHUNK_HEAD_BYTES = 8;
const FORMAT_BYTES = 16;

function tagAt(view: DataView, at: number): string {
  return String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, 4));
}

/** The length of uncompressed sound in a RIFF file; null for anything else. The file's end counts, not what its head claims. */
function wavSeconds(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < RIFF_HEAD_BYTES || tagAt(view, 0) !== 'RIFF' || tagAt(view, 8) !== 'WAVE') return null;
  let bytesPerSecond = 0;
  let at = RIFF_HEAD_BYTES;
  while (at + CHUNK_HEAD_BYTES <= bytes.length) {
    const start = at + CHUNK_HEAD_BYTES;
    const tag = tagAt(view, at);
    const size = Math.min(view.getUint32(at + 4, true), bytes.length - start);
    if (tag === 'fmt ' && size >= FORMAT_BYTES) {
      const isPlain = [PCM, FLOAT].includes(view.getUint16(start, true));
      // Samples by the second and bytes by the sample are what decoders go by; the head's own product of both may lie.
      bytesPerSecond = isPlain ? view.getUint32(start + 4, true) * view.getUint16(start + 12, true) : 0;
    }
    if (tag === 'data') return bytesPerSecond > 0 ? size / bytesPerSecond : null;
    at = start + size + (size % 2);
  }
  return null;
}

/** Measures a file of sound. Exact for WAV; for all else a bound from its bytes, and a guess in the middle of what is usual. */
export function soundLength(bytes: Uint8Array): SoundLength {
  const exact = wavSeconds(bytes);
  if (exact !== null) {
    const seconds = Math.max(Math.ceil(exact), 1);
    return { most: seconds + 1, likely: seconds, method: 'wav_header' };
  }
  const likely = Math.max(Math.ceil(bytes.length / BYTES_PER_SECOND_LIKELY), 1);
  return { most: Math.ceil(bytes.length / BYTES_PER_SECOND_MIN) + 1, likely, method: 'bytes_at_128_kbps' };
}

import { ProviderError } from '../errors.ts';
import { hashHex, pick, seededRandom } from '../random.ts';
import type { Operation } from './operation.ts';
import { secondsOf } from './sound.ts';

const WORDS = ['the', 'harbour', 'lights', 'were', 'counted', 'twice', 'before', 'anyone', 'spoke', 'again'] as const;
const WORDS_PER_SECOND = 2.5;
const WORDS_MAX = 400;

/** Words that the file decides, as many as fit into its length. */
function transcriptOf(file: Buffer, seconds: number): string {
  const random = seededRandom(hashHex(file.toString('latin1')));
  const count = Math.min(Math.max(1, Math.round(seconds * WORDS_PER_SECOND)), WORDS_MAX);
  const text = Array.from({ length: count }, () => pick(random, WORDS)).join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** `POST /v1/audio/transcriptions` as OpenAI has it, billed by the second. */
export const transcriptions: Operation = {
  path: '/v1/audio/transcriptions',
  async read(request) {
    const form = await request.formData().catch(() => null);
    const file = form?.get('file');
    const model = form?.get('model');
    if (typeof model !== 'string' || model === '')
      throw new ProviderError(400, { message: 'model is required.', param: 'model' });
    if (!(file instanceof Blob)) throw new ProviderError(400, { message: 'file is required.', param: 'file' });
    const bytes = Buffer.from(await file.arrayBuffer());
    const format = form?.get('response_format') ?? 'json';
    return {
      model,
      answer() {
        const seconds = secondsOf(bytes);
        const text = transcriptOf(bytes, seconds);
        const usage = { type: 'duration', seconds: Math.max(1, Math.ceil(seconds)) };
        const segment = { id: 0, start: 0, end: seconds, text };
        const verbose = { task: 'transcribe', language: 'english', duration: seconds, segments: [segment] };
        const body = format === 'verbose_json' ? { ...verbose, text, usage } : { text, usage };
        return { contentType: 'application/json', body, empty: {}, tokens: Math.round(seconds) };
      },
    };
  },
};

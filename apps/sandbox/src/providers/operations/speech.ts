import { z } from 'zod';
import type { Operation } from './operation.ts';
import { readJson } from './read-json.ts';
import { mp3Of, toneOf, wavOf } from './sound.ts';

const schema = z.object({
  model: z.string().min(1),
  input: z.string().min(1).max(4_096),
  voice: z.union([z.string().min(1), z.object({ id: z.string() })]),
  response_format: z.enum(['mp3', 'wav', 'pcm']).default('mp3'),
  speed: z.number().min(0.25).max(4).default(1),
});

const CHARACTERS_PER_SECOND = 15;

/** `POST /v1/audio/speech` as OpenAI has it: a tone, or silence, as long as the text would take to say. */
export const speech: Operation = {
  path: '/v1/audio/speech',
  async read(request) {
    const { model, input, response_format: format, speed } = await readJson(request, schema);
    return {
      model,
      answer() {
        const seconds = input.length / CHARACTERS_PER_SECOND / speed;
        const files = {
          mp3: () => ({ contentType: 'audio/mpeg', body: mp3Of(seconds) }),
          wav: () => ({ contentType: 'audio/wav', body: wavOf(toneOf(seconds)) }),
          pcm: () => ({ contentType: 'audio/pcm', body: toneOf(seconds) }),
        };
        return { ...files[format](), empty: Buffer.alloc(0), tokens: Math.round(seconds * 20) };
      },
    };
  },
};

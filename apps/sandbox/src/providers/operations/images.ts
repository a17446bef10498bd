import { z } from 'zod';
import { integerBetween, seededRandom } from '../random.ts';
import { countTokens } from '../tokens.ts';
import type { Operation } from './operation.ts';
import { pngOf } from './picture.ts';
import { readJson } from './read-json.ts';

const schema = z.object({
  model: z.string().min(1),
  prompt: z.string().min(1),
  n: z.int().min(1).max(10).default(1),
  size: z.string().optional(),
});

const SIDE = 8;
/** What OpenAI counts for a square of low quality (its guide to image generation, 2026-11). */
const TOKENS_PER_IMAGE = 272;

/** `POST /v1/images/generations` as OpenAI has it: tiny pictures in a colour that the prompt decides. */
export const images: Operation = {
  path: '/v1/images/generations',
  async read(request) {
    const { model, prompt, n: count } = await readJson(request, schema);
    return {
      model,
      answer(created) {
        const data = Array.from({ length: count }, (_, index) => {
          const random = seededRandom(`${prompt}\n${index}`);
          const shade = () => integerBetween(random, 0, 255);
          return { b64_json: pngOf(SIDE, [shade(), shade(), shade()]).toString('base64') };
        });
        const read = countTokens(prompt);
        const made = TOKENS_PER_IMAGE * count;
        const usage = {
          input_tokens: read,
          input_tokens_details: { text_tokens: read, image_tokens: 0 },
          output_tokens: made,
          total_tokens: read + made,
        };
        const head = { created, output_format: 'png', size: `${SIDE}x${SIDE}` };
        return {
          contentType: 'application/json',
          body: { ...head, data, usage },
          empty: { ...head, data: [] },
          tokens: made,
        };
      },
    };
  },
};

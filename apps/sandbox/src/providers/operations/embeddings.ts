import { z } from 'zod';
import { hashHex, seededRandom } from '../random.ts';
import { countTokens } from '../tokens.ts';
import type { Operation } from './operation.ts';
import { readJson } from './read-json.ts';

const DIMENSIONS = 256;

const tokens = z.array(z.int()).min(1);
const schema = z.object({
  model: z.string().min(1),
  input: z.union([z.string().min(1), z.array(z.string().min(1)).min(1), tokens, z.array(tokens).min(1)]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
  dimensions: z.int().min(1).max(3_072).default(DIMENSIONS),
});

type Input = z.output<typeof schema>['input'];

/** A row of numbers of length 1: each word points somewhere, so that texts with words in common are close. */
function vectorOf(text: string, dimensions: number): readonly number[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text];
  const sum = new Array<number>(dimensions).fill(0);
  for (const word of words) {
    const random = seededRandom(hashHex(word));
    for (let index = 0; index < dimensions; index += 1) sum[index] = (sum[index] ?? 0) + random() - 0.5;
  }
  const length = Math.hypot(...sum) || 1;
  // As 32-bit floats, so that both encodings say the same.
  return sum.map((number) => Math.fround(number / length));
}

function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, number] of vector.entries()) bytes.writeFloatLE(number, index * 4);
  return bytes.toString('base64');
}

/** Each input as a text, and what it counts. */
function inputsOf(input: Input): readonly { readonly text: string; readonly tokens: number }[] {
  if (typeof input === 'string') return [{ text: input, tokens: countTokens(input) }];
  if (input.every((entry) => typeof entry === 'number')) return [{ text: input.join(' '), tokens: input.length }];
  return input
    .filter((entry) => typeof entry !== 'number')
    .map((entry) =>
      typeof entry === 'string'
        ? { text: entry, tokens: countTokens(entry) }
        : { text: entry.join(' '), tokens: entry.length },
    );
}

/** `POST /v1/embeddings` as OpenAI has it. */
export const embeddings: Operation = {
  path: '/v1/embeddings',
  async read(request) {
    const { model, input, encoding_format: format, dimensions } = await readJson(request, schema);
    const inputs = inputsOf(input);
    return {
      model,
      answer() {
        const data = inputs.map(({ text }, index) => {
          const vector = vectorOf(text, dimensions);
          return { object: 'embedding', index, embedding: format === 'base64' ? base64Of(vector) : vector };
        });
        const promptTokens = inputs.reduce((sum, each) => sum + each.tokens, 0);
        const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
        const head = { object: 'list', model };
        return {
          contentType: 'application/json',
          body: { ...head, data, usage },
          empty: { ...head, data: [], usage },
          tokens: 0,
        };
      },
    };
  },
};

import type { JsonObject, JsonValue, Prompt } from '@bourse/generation';
import { z } from 'zod';
import { encodeFloats } from '../base64.ts';
import { parseRequest, requireObject } from '../request/decode-market.ts';
import { integer, marketFields, optional, text } from '../request/market-schema.ts';
import { jsonBytes } from '../request/weigh.ts';
import { utf8Length } from '../utf8-length.ts';
import type { AnswerContext } from '../wire-format.ts';
import { answerBody, countMembers, countOf, headEdits, idOf, objectAt, objectsOf, usageOf } from './answer-body.ts';
import { operationFormat, operationPrompt } from './operation-format.ts';

/** Marks that a model puts around a text, and the instruction that stands for its `input_type`: fewer tokens than this. */
const BYTES_PER_INPUT = 16;

const words = text.min(1);
const tokens = z.array(integer(0, 10_000_000)).min(1);

const schema = z.looseObject({
  ...marketFields,
  input: z.union(
    [words, z.array(words).min(1), tokens, z.array(tokens).min(1)],
    'must be a text, a list of texts, or texts as lists of token numbers',
  ),
  encoding_format: optional(z.enum(['float', 'base64'])),
  dimensions: optional(integer(1, 100_000)),
  input_type: optional(text.max(100)),
});

type Input = z.output<typeof schema>['input'];

/** The inputs of a request, one by one: texts, or texts as lists of tokens. */
function inputsOf(input: Input): readonly (string | readonly number[])[] {
  if (typeof input === 'string') return [input];
  const isOneOfTokens = input.every((entry) => typeof entry === 'number');
  return isOneOfTokens ? [input] : input.filter((entry) => typeof entry !== 'number');
}

/** A token is at least a byte, and of tokens each one counts. Fields that we do not know may be read as well. */
function weigh(inputs: ReturnType<typeof inputsOf>, body: JsonObject): number {
  let bytes = 0;
  for (const input of inputs) bytes += BYTES_PER_INPUT + (typeof input === 'string' ? utf8Length(input) : input.length);
  const { input: _input, model: _model, ...others } = body;
  return bytes + jsonBytes(others, '');
}

function decodePrompt(value: unknown): Prompt {
  const body = requireObject(value);
  const request = parseRequest(schema, body);
  return operationPrompt(request, {
    operation: 'embeddings',
    wire: 'openai-embeddings',
    modality: 'embeddings',
    body,
    inputBytes: weigh(inputsOf(request.input), body),
  });
}

function countOfInputs({ source: { body } }: Prompt): number {
  const { input } = body;
  if (!Array.isArray(input)) return 1;
  return input.every((entry) => typeof entry === 'number') ? 1 : input.length;
}

function isVector(value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return value !== '';
  return Array.isArray(value) && value.length > 0 && value.every((number) => typeof number === 'number');
}

function wrong({ data }: JsonObject, { prompt }: AnswerContext): string | null {
  const vectors = objectsOf(data);
  if (vectors === null || !vectors.every(({ embedding }) => isVector(embedding))) {
    return 'The provider sent an answer without embeddings.';
  }
  const asked = countOfInputs(prompt);
  return vectors.length === asked ? null : `The provider sent ${vectors.length} embeddings for ${asked} inputs.`;
}

/** The client asked for base64, as OpenAI's SDKs do unasked, and the provider knows numbers only: OpenAI's form of 32-bit floats. */
function asAsked({ data }: JsonObject, { prompt }: AnswerContext): Readonly<Record<string, string>> {
  const vectors = objectsOf(data) ?? [];
  const isKept = prompt.source.body['encoding_format'] !== 'base64';
  if (isKept || vectors.every(({ embedding }) => typeof embedding === 'string')) return {};
  const encoded = vectors.map((vector) => {
    const { embedding } = vector;
    if (!Array.isArray(embedding)) return vector;
    const numbers = embedding.filter((number: JsonValue) => typeof number === 'number');
    return { ...vector, embedding: encodeFloats(numbers) };
  });
  return { data: JSON.stringify(encoded) };
}

/**
 * OpenAI's embeddings (https://platform.openai.com/docs/api-reference/embeddings, read 2026-11), which nearly every provider of them
 * imitates. Voyage counts `total_tokens` alone.
 */
export const openaiEmbeddings = operationFormat({
  id: 'openai-embeddings',
  decodePrompt,
  answer: {
    body: (answer, context) =>
      answerBody(answer, context, {
        wrong,
        usage: (root) => {
          const usage = objectAt(root, 'usage');
          const prompt = countOf(usage, 'prompt_tokens');
          return usageOf({ input: prompt === undefined ? countOf(usage, 'total_tokens') : prompt });
        },
        upstreamId: idOf,
        usageMembers: ({ usage: { input = 0 } }) => countMembers({ prompt_tokens: input, total_tokens: input }),
        edits: (root, at) => ({ object: '"list"', ...headEdits(at), ...asAsked(root, at) }),
      }),
  },
});

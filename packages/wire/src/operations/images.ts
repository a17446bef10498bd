import { isJsonObject, type JsonObject, type Prompt } from '@bourse/generation';
import { z } from 'zod';
import { parseRequest, refuse, requireObject } from '../request/decode-market.ts';
import { integer, marketFields, optional, text } from '../request/market-schema.ts';
import { jsonBytes } from '../request/weigh.ts';
import {
  answerBody,
  type CountedUsage,
  countMembers,
  countOf,
  headEdits,
  objectAt,
  objectsOf,
  usageOf,
} from './answer-body.ts';
import { encodeOperation, operationFormat, operationPrompt } from './operation-format.ts';

const IMAGES_MAX = 10;

const schema = z.looseObject({
  ...marketFields,
  prompt: text.min(1),
  n: optional(integer(1, IMAGES_MAX)),
  size: optional(text.max(20)),
  quality: optional(text.max(20)),
  aspect_ratio: optional(text.regex(/^(auto|\d{1,2}(\.\d)?:\d{1,2}(\.\d)?)$/, 'must be like 16:9')),
  input_references: optional(z.array(z.unknown())),
});

function decodePrompt(value: unknown): Prompt {
  const body = requireObject(value);
  const request = parseRequest(schema, body);
  if (request.input_references && request.input_references.length > 0) {
    throw refuse('input_references', 'input_references is not supported: images are made from a prompt alone.');
  }
  const count = request.n ?? 1;
  return operationPrompt(request, {
    operation: 'images',
    wire: 'openai-images',
    modality: 'image',
    body,
    inputBytes: jsonBytes(body, ''),
    choiceCount: count,
    units: { image_made: count },
    ownCount: { units: { image_made: count }, method: 'images' },
  });
}

/** Pictures come whole: nothing is gained by a stream of unfinished ones. `prompt` is the model's here, not a preset's. */
function encodePrompt(prompt: Prompt, target: Parameters<typeof encodeOperation>[1]): JsonObject {
  const {
    stream: _stream,
    partial_images: _partial,
    input_references: _none,
    ...body
  } = encodeOperation(prompt, target);
  return { ...body, prompt: prompt.source.body['prompt'] };
}

function isPicture({ b64_json: base64, url }: JsonObject): boolean {
  return (typeof base64 === 'string' && base64 !== '') || (typeof url === 'string' && url !== '');
}

function wrong({ data }: JsonObject): string | null {
  const pictures = objectsOf(data);
  return pictures !== null && pictures.length > 0 && pictures.every(isPicture)
    ? null
    : 'The provider sent an answer without images.';
}

/** OpenAI's counts: what was read is text and pictures, what was made are pictures unless details say otherwise. */
function usageIn(root: JsonObject): CountedUsage {
  const usage = objectAt(root, 'usage');
  const read = objectAt(usage, 'input_tokens_details');
  const made = objectAt(usage, 'output_tokens_details');
  const input = countOf(usage, 'input_tokens');
  const output = countOf(usage, 'output_tokens');
  const inputImage = countOf(read, 'image_tokens') === undefined ? 0 : countOf(read, 'image_tokens');
  const outputText = countOf(made, 'text_tokens') === undefined ? 0 : countOf(made, 'text_tokens');
  if (typeof input !== 'number' || typeof output !== 'number') {
    return input === undefined && output === undefined ? 'none' : 'unreadable';
  }
  if (typeof inputImage !== 'number' || typeof outputText !== 'number') return 'unreadable';
  if (inputImage > input || outputText > output) return 'unreadable';
  return usageOf({
    input: input - inputImage,
    ...(inputImage > 0 ? { input_image: inputImage } : {}),
    ...(outputText > 0 ? { output: outputText } : {}),
    output_image: output - outputText,
  });
}

/**
 * OpenAI's images (https://platform.openai.com/docs/api-reference/images/create, read 2026-11), with the usage that OpenRouter's clients
 * read. Pictures are counted in the answer: a provider may make fewer than it was asked for.
 */
export const openaiImages = operationFormat({
  id: 'openai-images',
  decodePrompt,
  encodePrompt,
  answer: {
    body: (answer, context) =>
      answerBody(answer, context, {
        wrong,
        usage: usageIn,
        counted: ({ data }) => ({ image_made: Math.min((objectsOf(data) ?? []).length, context.prompt.choiceCount) }),
        usageMembers: ({ usage }) => {
          const input = (usage.input ?? 0) + (usage.input_image ?? 0);
          const output = (usage.output ?? 0) + (usage.output_image ?? 0);
          const details = `{"text_tokens":${usage.input ?? 0},"image_tokens":${usage.input_image ?? 0}}`;
          return [
            ...countMembers({
              prompt_tokens: input,
              completion_tokens: output,
              input_tokens: input,
              output_tokens: output,
              total_tokens: input + output,
              images: usage.image_made,
            }),
            `"input_tokens_details":${details}`,
          ];
        },
        edits: (root, at) => ({
          ...headEdits(at),
          ...(isJsonObject(root) && typeof root['created'] === 'number'
            ? {}
            : { created: `${at.head.createdUnixSeconds}` }),
        }),
      }),
  },
});

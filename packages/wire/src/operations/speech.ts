import { isJsonObject, type Prompt } from '@bourse/generation';
import { z } from 'zod';
import { noFacts } from '../facts.ts';
import { parseJson } from '../parse-json.ts';
import { failureInBody, invalidResponse } from '../provider-failure.ts';
import { parseRequest, refuse, requireObject } from '../request/decode-market.ts';
import { marketFields, optional, range, text } from '../request/market-schema.ts';
import { jsonBytes } from '../request/weigh.ts';
import type { AnswerBody, AnswerFacts } from '../wire-format.ts';
import { operationFormat, operationPrompt } from './operation-format.ts';

const schema = z.looseObject({
  ...marketFields,
  input: text.min(1),
  voice: z.union([text.min(1).max(200), z.looseObject({ id: text.min(1).max(200) })], 'must be the name of a voice'),
  response_format: optional(text.max(20)),
  speed: optional(range(0.25, 4)),
  stream_format: optional(text.max(20)),
  input_references: optional(z.array(z.unknown())),
});

function decodePrompt(value: unknown): Prompt {
  const body = requireObject(value);
  const request = parseRequest(schema, body);
  if (request.stream_format && request.stream_format !== 'audio') {
    throw refuse('stream_format', 'stream_format must be audio: the answer is the sound itself.');
  }
  if (request.input_references && request.input_references.length > 0) {
    throw refuse('input_references', 'input_references is not supported: voices are named.');
  }
  // What a price list calls a character is a code point, however many bytes or UTF-16 units it takes.
  const units = { spoken_character: [...request.input].length };
  return operationPrompt(request, {
    operation: 'speech',
    wire: 'openai-speech',
    modality: 'speech',
    body,
    inputBytes: jsonBytes(body, ''),
    units,
    ownCount: { units, method: 'characters' },
  });
}

/** A media type without anything that a header must not hold; what is no sound by its own word is bytes. */
function soundType(contentType: string): string {
  return /^audio\/[a-z0-9.+-]{1,60}(;[a-z0-9=., -]{0,60})?$/i.test(contentType)
    ? contentType
    : 'application/octet-stream';
}

function factsOf(bytes: Uint8Array, contentType: string): AnswerFacts {
  if (/json/i.test(contentType)) {
    const root = parseJson(new TextDecoder().decode(bytes.subarray(0, 65_536)));
    const error = isJsonObject(root)
      ? failureInBody(root)
      : invalidResponse('The provider sent an answer that is no sound.');
    return { ...noFacts, error };
  }
  if (bytes.length === 0 || /^text\//i.test(contentType)) {
    return { ...noFacts, error: invalidResponse('The provider sent an answer that is no sound.') };
  }
  return { ...noFacts, finish: { unified: 'stop', raw: null }, hasOutput: true };
}

/**
 * OpenAI's speech (https://platform.openai.com/docs/api-reference/audio/createSpeech, read 2026-11): the answer is the sound, so that its
 * cost is in the record of the generation only. No provider counts in it; its characters are counted here.
 */
export const openaiSpeech = operationFormat({
  id: 'openai-speech',
  decodePrompt,
  answer: {
    bytes: (bytes, contentType): AnswerBody<Uint8Array> => ({
      facts: factsOf(bytes, contentType),
      contentType: soundType(contentType),
      render: () => bytes,
    }),
  },
});

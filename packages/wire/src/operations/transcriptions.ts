import { isJsonObject, type JsonObject, type Prompt, type Upload } from '@bourse/generation';
import { z } from 'zod';
import { decodeBase64 } from '../base64.ts';
import { parseRequest, refuse, requireObject } from '../request/decode-market.ts';
import { marketFields, optional, range, text } from '../request/market-schema.ts';
import { jsonBytes } from '../request/weigh.ts';
import { answerBody, type CountedUsage, countMembers, countOf, objectAt, usageOf } from './answer-body.ts';
import { encodeOperation, operationFormat, operationPrompt } from './operation-format.ts';
import { soundLength } from './sound-length.ts';

/** What OpenAI takes, and OpenRouter in a form. */
const FILE_BYTES_MAX = 25 * 1024 * 1024;
/** At 6 kbit/s a second is 47 of these, and Gemini counts 32 tokens for it, OpenAI 10. */
const BYTES_PER_TOKEN = 16;

const schema = z.looseObject({
  ...marketFields,
  language: optional(text.max(20)),
  prompt: optional(text.max(10_000)),
  response_format: optional(z.enum(['json', 'verbose_json'])),
  temperature: optional(z.union([range(0, 1), text.regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a number from 0 to 1')])),
  timestamp_granularities: optional(z.array(z.enum(['word', 'segment']))),
  stream: optional(z.union([z.boolean(), text])),
});

const inputAudio = z.object({ data: text.min(1), format: text.regex(/^[a-z0-9]{1,10}$/i, 'must be like mp3 or wav') });

function promptOf(fields: JsonObject, upload: Upload): Prompt {
  const request = parseRequest(schema, fields);
  if (request.stream === true || request.stream === 'true') {
    throw refuse('stream', 'stream is not supported: transcripts come whole.');
  }
  if (upload.bytes.length === 0) throw refuse('file', 'file is empty.');
  if (upload.bytes.length > FILE_BYTES_MAX) throw refuse('file', `file is larger than ${FILE_BYTES_MAX} bytes.`);
  const { most, likely, method } = soundLength(upload.bytes);
  return operationPrompt(request, {
    operation: 'transcription',
    wire: 'openai-transcriptions',
    modality: 'transcription',
    body: fields,
    upload,
    inputBytes: Math.ceil(upload.bytes.length / BYTES_PER_TOKEN) + jsonBytes(fields, ''),
    units: { audio_second: most },
    ownCount: { units: { audio_second: Math.min(likely, most) }, method },
  });
}

/** OpenRouter's JSON form: the sound in base64, in place of a file. */
function decodePrompt(value: unknown): Prompt {
  const { input_audio: audio, ...fields } = requireObject(value);
  if (audio === undefined) throw refuse('input_audio', 'input_audio is required, or a form with a file.');
  const { data, format } = parseRequest(inputAudio, requireObject(audio));
  const bytes = decodeBase64(data);
  if (bytes === null) throw refuse('input_audio.data', 'input_audio.data must be base64, without a data: prefix.');
  return promptOf(fields, { name: `audio.${format}`, type: `audio/${format.toLowerCase()}`, bytes });
}

/** Names of lists end in brackets in a form; a list of one comes as a text. */
function decodeForm(form: JsonObject, upload: Upload | null): Prompt {
  if (upload === null) throw refuse('file', 'file is required.');
  const fields = Object.entries(form).map(([name, value]) => {
    if (!name.endsWith('[]')) return [name, value] as const;
    return [name.slice(0, -2), Array.isArray(value) ? value : [value ?? null]] as const;
  });
  return promptOf(Object.fromEntries(fields), upload);
}

function encodePrompt(prompt: Prompt, target: Parameters<typeof encodeOperation>[1]): JsonObject {
  const { stream: _stream, ...body } = encodeOperation(prompt, target);
  const { prompt: hint } = prompt.source.body;
  return typeof hint === 'string' ? { ...body, prompt: hint } : body;
}

/** Begun seconds; null for what is no length of time. */
function secondsOf(value: unknown): number | null | undefined {
  if (value === undefined || value === null) return undefined;
  const seconds = typeof value === 'string' && /^\d{1,9}(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds >= 0 && seconds < 1e9 ? Math.max(Math.ceil(seconds), 1) : null;
}

/** Tokens, or seconds, or both; the length of a verbose answer is Whisper's own count. */
function usageIn(root: JsonObject): CountedUsage {
  const usage = objectAt(root, 'usage');
  const details = objectAt(usage, 'input_token_details');
  const input = countOf(usage, 'input_tokens');
  const output = countOf(usage, 'output_tokens');
  const audio = countOf(details, 'audio_tokens');
  if (typeof input === 'number' && typeof audio === 'number' && audio > input) return 'unreadable';
  const isAllSound = details['audio_tokens'] === undefined;
  const heard = isAllSound ? input : audio;
  const seconds = secondsOf(usage['seconds']);
  return usageOf({
    audio_second: seconds === undefined ? secondsOf(root['duration']) : seconds,
    input: typeof input === 'number' && typeof heard === 'number' ? input - heard : input,
    input_audio: input === undefined ? undefined : heard,
    output,
  });
}

/**
 * OpenAI's transcriptions (https://platform.openai.com/docs/api-reference/audio/createTranscription, read 2026-11) as a form with a file,
 * and OpenRouter's JSON of them. Begun seconds count.
 */
export const openaiTranscriptions = operationFormat({
  id: 'openai-transcriptions',
  decodePrompt,
  form: { fileBytesMax: FILE_BYTES_MAX, decode: decodeForm },
  encodePrompt,
  answer: {
    body: (answer, context) =>
      answerBody(answer, context, {
        wrong: (root) =>
          typeof root['text'] === 'string' ? null : 'The provider sent an answer without a transcript.',
        usage: usageIn,
        outputText: (root) => (isJsonObject(root) && typeof root['text'] === 'string' ? root['text'] : ''),
        usageMembers: ({ usage: { input = 0, input_audio = 0, output = 0, audio_second: seconds } }) => {
          const read = input + input_audio;
          const tokens = { input_tokens: read, output_tokens: output, total_tokens: read + output };
          const kind = read + output > 0 ? 'tokens' : 'duration';
          return [`"type":"${kind}"`, ...countMembers({ ...(kind === 'tokens' ? tokens : {}), seconds })];
        },
      }),
  },
});

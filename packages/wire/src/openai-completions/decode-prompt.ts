import type { JsonObject, JsonValue, Prompt } from '@bourse/generation';
import { decodePrompt as decodeChatPrompt } from '../openai-chat/decode-prompt.ts';
import { refuse, requireObject } from '../request/decode-market.ts';

/** What this API can do and a conversation cannot, with the sentence that says so. */
const REFUSALS: readonly (readonly [field: string, isAsked: (value: JsonValue) => boolean, sentence: string])[] = [
  ['suffix', (value) => value !== '', 'suffix is not supported: the models here write on, and do not fill in.'],
  ['echo', (value) => value !== false, 'echo is not supported: an answer does not repeat its prompt.'],
  ['best_of', (value) => value !== 1, 'best_of must be 1: answers are not compared here. Ask for several with n.'],
];

function promptText(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) throw refuse('prompt', 'prompt must be a string.');
  const [first, ...rest] = value;
  if (typeof first === 'number' || Array.isArray(first)) {
    throw refuse('prompt', 'prompt must be text: the tokens of one model mean nothing to another.');
  }
  if (typeof first !== 'string' || rest.length > 0) {
    throw refuse('prompt', 'prompt must be one text: send a request for each of several.');
  }
  return first;
}

/** `logprobs` is a number of alternatives here; the other API has a switch and a number. */
function withLogprobs(body: JsonObject): JsonObject {
  const { logprobs, ...rest } = body;
  if (logprobs === undefined || logprobs === null) return rest;
  const isCount = typeof logprobs === 'number' && Number.isInteger(logprobs) && logprobs >= 0 && logprobs <= 20;
  if (!isCount) throw refuse('logprobs', 'logprobs must be a whole number from 0 to 20.');
  return { ...rest, logprobs: true, top_logprobs: logprobs };
}

/**
 * Decodes the body of `POST /completions` (https://platform.openai.com/docs/api-reference/completions, read 2026-11): the prompt is the one
 * user message of a conversation, and every other field means what it means there. Throws AppError('invalid_request') with the path of the
 * first wrong field, also for what cannot be kept: several prompts, tokens, `suffix`, `echo`, `best_of`.
 */
export function decodePrompt(value: unknown): Prompt {
  const body = requireObject(value);
  for (const [field, isAsked, sentence] of REFUSALS) {
    const asked = body[field];
    if (asked !== undefined && asked !== null && isAsked(asked)) throw refuse(field, sentence);
  }
  if (body['messages'] !== undefined && body['messages'] !== null) {
    throw refuse('messages', 'messages belong to /chat/completions; send a prompt.');
  }
  const text = promptText(body['prompt']);
  const { prompt: _prompt, suffix: _suffix, echo: _echo, best_of: _bestOf, ...rest } = body;
  const chat = decodeChatPrompt({ ...withLogprobs(rest), messages: [{ role: 'user', content: text }] });
  return { ...chat, source: { wire: 'openai-completions', body } };
}

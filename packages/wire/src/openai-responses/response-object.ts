import type { AppError } from '@bourse/errors';
import { isJsonObject, type JsonObject, type JsonValue } from '@bourse/generation';
import type { AnswerContext } from '../wire-format.ts';
import { objectsAt, textAt } from './json-fields.ts';

/** How far a response has come. */
export interface ResponseState {
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly JsonObject[];
  readonly incompleteReason: 'max_output_tokens' | 'content_filter' | null;
  readonly error: AppError | null;
}

/** A response on which nothing was said yet. */
export const begun: ResponseState = { status: 'in_progress', output: [], incompleteReason: null, error: null };

/** OpenRouter's table of codes for this dialect (its error guide). */
function errorCode({ rule: { status, type } }: AppError): string {
  if (type === 'rate_limit_exceeded') return 'rate_limit_exceeded';
  return status === 400 || status === 413 || status === 422 ? 'invalid_prompt' : 'server_error';
}

/** True for a failure that is told as an answer cut short: the conversation is too long (OpenRouter's error guide). */
export function isToldAsIncomplete({ code }: AppError): boolean {
  return code === 'context_length_exceeded';
}

/** What the request asked for, as OpenAI repeats it, with its defaults where nothing was asked. */
function echo(body: JsonObject): JsonObject {
  const at = (field: string, otherwise: JsonValue): JsonValue => body[field] ?? otherwise;
  const { reasoning, text } = body;
  const thought = isJsonObject(reasoning) ? reasoning : {};
  const form = isJsonObject(text) ? text : {};
  return {
    background: false,
    frequency_penalty: at('frequency_penalty', 0),
    instructions: at('instructions', null),
    max_output_tokens: at('max_output_tokens', null),
    max_tool_calls: at('max_tool_calls', null),
    metadata: at('metadata', {}),
    parallel_tool_calls: at('parallel_tool_calls', true),
    presence_penalty: at('presence_penalty', 0),
    previous_response_id: null,
    prompt_cache_key: at('prompt_cache_key', null),
    reasoning: { effort: thought['effort'] ?? null, summary: thought['summary'] ?? null },
    safety_identifier: at('safety_identifier', null),
    service_tier: at('service_tier', 'auto'),
    store: false,
    temperature: at('temperature', 1),
    text: { ...form, format: form['format'] ?? { type: 'text' } },
    tool_choice: at('tool_choice', 'auto'),
    tools: at('tools', []),
    top_logprobs: at('top_logprobs', 0),
    top_p: at('top_p', 1),
    truncation: 'disabled',
    user: at('user', null),
  };
}

/** All that is said in messages of an output. */
export function outputText(output: readonly JsonValue[]): string {
  let text = '';
  for (const item of output) {
    if (!isJsonObject(item) || item['type'] !== 'message') continue;
    for (const part of objectsAt(item, 'content')) if (part['type'] === 'output_text') text += textAt(part, 'text');
  }
  return text;
}

/** The response object as JSON text. `usage` is JSON text as well, so that a cost stays the decimal that it is. */
export function responseText({ head, prompt }: AnswerContext, state: ResponseState, usage: string): string {
  const { status, output, incompleteReason, error } = state;
  const isOver = status !== 'in_progress';
  const response = JSON.stringify({
    id: head.id,
    object: 'response',
    created_at: head.createdUnixSeconds,
    // The member must be there. When an answer was over is in its record, which has a clock.
    completed_at: null,
    status,
    model: head.model,
    provider: head.provider,
    ...(error === null || status !== 'failed'
      ? { error: null }
      : { error: { code: errorCode(error), message: error.message } }),
    ...(error === null ? {} : { error_type: error.rule.type }),
    incomplete_details: incompleteReason === null ? null : { reason: incompleteReason },
    output,
    ...(isOver ? { output_text: outputText(output) } : {}),
    ...echo(prompt.source.body),
  });
  return `${response.slice(0, -1)},"usage":${usage}}`;
}

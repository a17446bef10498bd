import type { AppError } from '@bourse/errors';
import type { JsonObject } from '@bourse/generation';
import type { ResponseHead } from '../wire-format.ts';
import { frame } from './frames.ts';

function errorMember(error: AppError, generationId: string | null): JsonObject {
  const { status, type } = error.rule;
  const isMasked = error.code === 'internal';
  const { availability, ...facts } = isMasked ? { availability: undefined } : error.metadata;
  const path = 'path' in facts ? facts['path'] : undefined;
  const member: Record<string, unknown> = {
    code: status,
    message: error.message,
    type,
    param: typeof path === 'string' ? path : null,
    metadata: { ...facts, error_type: type, ...(generationId === null ? {} : { generation_id: generationId }) },
  };
  if (availability !== undefined) member['availability'] = availability;
  return member as JsonObject; // AppError metadata is structured facts for JSON by its contract.
}

/**
 * OpenRouter's error body: `code` is the HTTP status, `type` and `metadata.error_type` the stable word, `param` (which
 * OpenAI's SDKs read) the path of the wrong field. `metadata.availability` moves beside the message. An `internal` error
 * shows no metadata; `detail` and `cause` never leave.
 */
export function encodeError(error: AppError, context: { readonly generationId: string | null }): JsonObject {
  return { error: errorMember(error, context.generationId) };
}

/** The frame of the error chunk that ends a stream whose status is already spent: OpenRouter's form, with `finish_reason: "error"`. */
export function errorFrame(error: AppError, head: ResponseHead): string {
  const chunk: JsonObject = {
    id: head.id,
    object: 'chat.completion.chunk',
    created: head.createdUnixSeconds,
    model: head.model,
    provider: head.provider,
    error: errorMember(error, null),
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
  };
  return frame(JSON.stringify(chunk));
}

import { AppError } from '@bourse/errors';
import { type FoldedChoice, fold, type Generation, isJsonObject, type JsonObject } from '@bourse/generation';
import type { ResponseHead, UsageReport } from '../wire-format.ts';
import { readFacts } from './answer-facts.ts';
import { createChoiceReaders } from './choice-reader.ts';
import { failureError } from './failures.ts';
import { encodeUsage } from './usage.ts';

/**
 * A whole answer as events: one delta per block. Throws AppError('provider_failed') on the first pull when the body is not
 * of this dialect, has no choice, or reports an error under 200.
 */
export async function* decodeBody(body: unknown): Generation {
  const choices = isJsonObject(body) ? body['choices'] : undefined;
  const facts = isJsonObject(body) ? readFacts(body, 'message') : null;
  if (facts?.error) throw failureError(facts.error);
  if (!Array.isArray(choices) || choices.length === 0) {
    throw new AppError('provider_failed', 'The provider sent an answer that could not be understood.', {
      detail: 'a body without choices',
    });
  }
  const readers = createChoiceReaders();
  for (const choice of choices) yield* readers.read(choice, 'message');
  if (facts?.usage) yield { type: 'usage', usage: facts.usage };
  yield* readers.finishRest();
}

function encodeMessage(choice: FoldedChoice): JsonObject {
  const { text, reasoning, refusal, signature, toolCalls } = choice;
  const calls = toolCalls.map((call) => ({
    id: call.callId,
    type: 'function',
    function: { name: call.name, arguments: call.argumentsText },
  }));
  const signed = signature === null ? {} : { signature };
  const details = [{ type: 'reasoning.text', text: reasoning, ...signed, format: 'unknown', index: 0 }];
  const hasReasoning = reasoning !== '' || signature !== null;
  return {
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '') ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...(hasReasoning ? { reasoning: reasoning === '' ? null : reasoning, reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

/**
 * A generation as one body. Rejects with the generation's own error. The cost is read from its exact decimal string, and
 * has the same value as the digits that the relay lane writes (exact below $1,000,000: 15 significant digits).
 */
export async function encodeBody(generation: Generation, head: ResponseHead, report: UsageReport): Promise<JsonObject> {
  const { choices } = await fold(generation);
  const usage: unknown = JSON.parse(encodeUsage(report));
  return {
    id: head.id,
    object: 'chat.completion',
    created: head.createdUnixSeconds,
    model: head.model,
    provider: head.provider,
    choices: choices.map((choice, index) => ({
      index,
      message: encodeMessage(choice),
      logprobs: null,
      finish_reason: choice.finish?.unified ?? null,
      native_finish_reason: choice.finish?.raw ?? null,
    })),
    usage: isJsonObject(usage) ? usage : {},
  };
}

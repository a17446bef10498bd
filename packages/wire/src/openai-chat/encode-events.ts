import { AppError, toAppError } from '@bourse/errors';
import type { Generation, GenerationEvent, JsonObject } from '@bourse/generation';
import type { ResponseHead, SseEvent } from '../wire-format.ts';
import { encodeErrorEvent } from './errors.ts';
import { relay } from './relay.ts';

/** Numbers the tool calls of each choice: clients count tools only, our blocks count text and reasoning as well. */
function createToolIndex(): (choice: number, block: number) => number {
  const blocksByChoice = new Map<number, number[]>();
  return (choice, block) => {
    const blocks = blocksByChoice.get(choice) ?? [];
    blocksByChoice.set(choice, blocks);
    if (!blocks.includes(block)) blocks.push(block);
    return blocks.indexOf(block);
  };
}

type ToolIndex = ReturnType<typeof createToolIndex>;

function reasoningDelta(event: Extract<GenerationEvent, { type: 'reasoning-delta' }>): JsonObject {
  const { text, signature, block } = event;
  const signed = signature === undefined ? {} : { signature };
  return {
    ...(text === '' ? {} : { reasoning: text }),
    reasoning_details: [{ type: 'reasoning.text', text, ...signed, format: 'unknown', index: block }],
  };
}

/** The choice of a chunk for an event; null for usage, which the caller writes with money (`relay.usageEvent`). */
function choiceOf(event: GenerationEvent, toolIndex: ToolIndex): JsonObject | null {
  const withDelta = (choice: number, delta: JsonObject) => ({ index: choice, delta, finish_reason: null });
  switch (event.type) {
    case 'text-delta':
      return withDelta(event.choice, { content: event.text });
    case 'reasoning-delta':
      return withDelta(event.choice, reasoningDelta(event));
    case 'refusal-delta':
      return withDelta(event.choice, { refusal: event.text });
    case 'tool-call-start': {
      const { choice, block, callId, name } = event;
      const call = { index: toolIndex(choice, block), id: callId, type: 'function', function: { name, arguments: '' } };
      return withDelta(choice, { tool_calls: [call] });
    }
    case 'tool-call-delta': {
      const { choice, block, argumentsText } = event;
      const call = { index: toolIndex(choice, block), function: { arguments: argumentsText } };
      return withDelta(choice, { tool_calls: [call] });
    }
    case 'usage':
      return null;
    case 'finish': {
      const { unified, raw } = event.reason;
      return { index: event.choice, delta: {}, finish_reason: unified, native_finish_reason: raw };
    }
  }
}

/** A chunk's text with one choice. */
function createChunkWriter(head: ResponseHead): (choice: JsonObject) => SseEvent {
  const { id, createdUnixSeconds: created, model, provider } = head;
  const envelope = JSON.stringify({ id, object: 'chat.completion.chunk', created, model, provider });
  const start = envelope.slice(0, -1);
  return (choice) => ({ event: null, data: `${start},"choices":[${JSON.stringify(choice)}]}` });
}

/**
 * A generation as the stream of this dialect. Each choice opens with its role. Usage events are left out: the caller
 * writes `relay.usageEvent` before the end mark, when the money is known. The stream always ends with `[DONE]`, after an
 * error event when the generation failed or ended without a finish.
 */
export async function* encodeEvents(generation: Generation, head: ResponseHead): AsyncIterable<SseEvent> {
  const chunk = createChunkWriter(head);
  const toolIndex = createToolIndex();
  const opened = new Set<number>();
  let hasFinished = false;
  try {
    for await (const event of generation) {
      const choice = choiceOf(event, toolIndex);
      if (event.type === 'usage' || choice === null) continue;
      if (!opened.has(event.choice)) {
        opened.add(event.choice);
        yield chunk({ index: event.choice, delta: { role: 'assistant', content: '' }, finish_reason: null });
      }
      hasFinished ||= event.type === 'finish';
      yield chunk(choice);
    }
    if (!hasFinished) throw new AppError('provider_failed', 'The provider ended before its answer was complete.');
  } catch (error) {
    // The status is spent: the failure becomes the last event, and the client still gets its end mark.
    yield encodeErrorEvent(toAppError(error), head);
  }
  yield { event: null, data: relay.endData ?? '' };
}

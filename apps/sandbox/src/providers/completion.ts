import { randomId } from '../identifiers.ts';
import type { Choice } from './answer.ts';
import { splitTokens } from './tokens.ts';
import type { ToolCall } from './tool-calls.ts';
import type { Usage } from './usage.ts';

/** The fields that the body and every chunk of one completion share. */
export type CompletionHead = {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
};

/** A whole answer, ready to be written in one piece or in chunks. `usage` is missing only when a fault says so. */
export type Completion = {
  readonly head: CompletionHead;
  readonly choices: readonly Choice[];
  /** The honest usage, or whatever a fault put in its place. */
  readonly usage?: Usage | Readonly<Record<string, unknown>>;
  /** The fault `empty`: the answer ends without saying why. */
  readonly isFinishBlank?: boolean;
};

/** One server-sent event's JSON and how many tokens it stands for, which is what it costs in time. */
export type Frame = { readonly json: string; readonly tokens: number };

/** Thinking aloud, in OpenRouter's words. */
function reasoningOf(text: string) {
  return { reasoning: text, reasoning_details: [{ type: 'reasoning.text', text, format: 'unknown', index: 0 }] };
}

function messageOf(choice: Choice) {
  const calls = choice.toolCalls.map((call) => ({
    id: randomId('call_', 24),
    type: 'function',
    function: { name: call.name, arguments: call.argumentsText },
  }));
  return {
    role: 'assistant',
    content: calls.length > 0 ? null : choice.content,
    ...(choice.reasoning === '' ? {} : reasoningOf(choice.reasoning)),
    refusal: null,
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
    annotations: [],
  };
}

/** The body of an answer that is not streamed: `object: "chat.completion"`. */
export function completionBody(completion: Completion): string {
  const { head, choices, usage } = completion;
  return JSON.stringify({
    id: head.id,
    object: 'chat.completion',
    created: head.created,
    model: head.model,
    choices: choices.map((choice) => ({
      index: choice.index,
      message: messageOf(choice),
      logprobs: null,
      finish_reason: completion.isFinishBlank ? null : choice.finishReason,
    })),
    ...(usage === undefined ? {} : { usage }),
    service_tier: 'default',
    system_fingerprint: head.system_fingerprint,
  });
}

type Delta = { readonly delta: object; readonly finish: string | null; readonly tokens: number };

function* callDeltas(call: ToolCall, index: number): Generator<Delta> {
  const start = { index, id: randomId('call_', 24), type: 'function', function: { name: call.name, arguments: '' } };
  yield { delta: { tool_calls: [start] }, finish: null, tokens: 1 };
  for (const piece of splitTokens(call.argumentsText)) {
    yield { delta: { tool_calls: [{ index, function: { arguments: piece } }] }, finish: null, tokens: 1 };
  }
}

function* choiceDeltas(choice: Choice, isFinishBlank: boolean): Generator<Delta> {
  const content = choice.toolCalls.length > 0 ? null : '';
  yield { delta: { role: 'assistant', content, refusal: null }, finish: null, tokens: 0 };
  for (const piece of splitTokens(choice.reasoning)) {
    yield { delta: reasoningOf(piece), finish: null, tokens: 1 };
  }
  for (const piece of splitTokens(choice.content)) yield { delta: { content: piece }, finish: null, tokens: 1 };
  for (const [index, call] of choice.toolCalls.entries()) yield* callDeltas(call, index);
  yield { delta: {}, finish: isFinishBlank ? null : choice.finishReason, tokens: 0 };
}

/** Takes one delta of each choice in turn, as a server that generates them side by side does. */
function* interleave(completion: Completion): Generator<Delta & { readonly index: number }> {
  let open = completion.choices.map((choice) => ({
    index: choice.index,
    deltas: choiceDeltas(choice, completion.isFinishBlank === true),
  }));
  while (open.length > 0) {
    const ended = new Set<number>();
    for (const { index, deltas } of open) {
      const next = deltas.next();
      if (next.done) ended.add(index);
      else yield { ...next.value, index };
    }
    open = open.filter(({ index }) => !ended.has(index));
  }
}

/**
 * The chunks of a streamed answer, `object: "chat.completion.chunk"`, without the `data: ` framing and `[DONE]`. With
 * `includeUsage`, all chunks carry `usage: null` and a last one without choices carries the usage, as at OpenAI.
 */
export function* completionFrames(completion: Completion, includeUsage: boolean): Generator<Frame> {
  const head = {
    id: completion.head.id,
    object: 'chat.completion.chunk',
    created: completion.head.created,
    model: completion.head.model,
    service_tier: 'default',
    system_fingerprint: completion.head.system_fingerprint,
  };
  const noUsage = includeUsage ? { usage: null } : {};
  for (const { index, delta, finish, tokens } of interleave(completion)) {
    const choices = [{ index, delta, logprobs: null, finish_reason: finish }];
    yield { json: JSON.stringify({ ...head, choices, ...noUsage }), tokens };
  }
  if (includeUsage && completion.usage !== undefined) {
    yield { json: JSON.stringify({ ...head, choices: [], usage: completion.usage }), tokens: 0 };
  }
}

import type { Finish, GenerationEvent } from '@bourse/generation';
import type { ProviderFailure } from './provider-failure.ts';
import type { AnswerFacts, Decoded, ToolCallPiece } from './wire-format.ts';

/** Nothing was learned. */
export const noFacts: AnswerFacts = {
  usage: null,
  isUsageUnreadable: false,
  finish: null,
  upstreamId: null,
  outputText: '',
  hasOutput: false,
  error: null,
};

/** Nothing came of it. */
export const nothingDecoded: Decoded = { events: [], failure: null, isEnd: false };

/** A failure, and what came before it. */
export function failed(failure: ProviderFailure, events: readonly GenerationEvent[] = []): Decoded {
  return { events, failure, isEnd: false };
}

function pieceOf(
  { choice, block }: { readonly choice: number; readonly block: number },
  name: string | null,
  argumentsText: string,
): ToolCallPiece {
  return { key: `${choice}:${block}`, name, argumentsText };
}

/** What events of the hub tell. The last word on usage and on the end counts, as it does in a stream. */
export function factsOf({ events, failure }: Decoded): AnswerFacts {
  let usage: AnswerFacts['usage'] = null;
  let isUsageUnreadable = false;
  let finish: Finish | null = null;
  let upstreamId: string | null = null;
  let outputText = '';
  let hasOutput = false;
  let toolCalls: ToolCallPiece[] | null = null;
  for (const event of events) {
    switch (event.type) {
      case 'start':
        upstreamId ??= event.upstreamId;
        break;
      case 'usage':
        usage = event.usage;
        isUsageUnreadable = event.usage === null;
        break;
      case 'finish':
        finish = event.reason;
        break;
      case 'text-delta':
      case 'refusal-delta':
        outputText += event.text;
        hasOutput ||= event.text !== '';
        break;
      case 'reasoning-delta':
        // An encrypted blob is longer than what it stands for, and cannot be counted.
        if (event.kind !== 'encrypted') outputText += event.text;
        hasOutput ||= event.text !== '';
        break;
      case 'tool-call-delta':
        outputText += event.argumentsText;
        toolCalls ??= [];
        toolCalls.push(pieceOf(event, null, event.argumentsText));
        hasOutput = true;
        break;
      case 'audio-delta':
        outputText += event.transcript ?? '';
        hasOutput = true;
        break;
      case 'tool-call-start':
        toolCalls ??= [];
        toolCalls.push(pieceOf(event, event.name, ''));
        hasOutput = true;
        break;
      case 'image':
        hasOutput = true;
        break;
      case 'citation':
      case 'file-annotation':
      case 'logprobs':
        break;
    }
  }
  const facts = { usage, isUsageUnreadable, finish, upstreamId, outputText, hasOutput, error: failure };
  return toolCalls === null ? facts : { ...facts, toolCalls };
}

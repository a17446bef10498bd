import type { Usage } from './usage.ts';

/** Why a generation ended, in the words of the OpenAI dialect. `error` is a failure after the first token. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error';

/** The unified reason and the provider's own word (null when it said none). */
export interface Finish {
  readonly unified: FinishReason;
  readonly raw: string | null;
}

/**
 * One step of an answer. `choice` counts the alternatives of `n > 1` (0 otherwise); `block` counts text, reasoning and tool
 * blocks within a choice in the order in which they began. `usage` is cumulative and the last one wins.
 */
export type GenerationEvent =
  | { readonly type: 'text-delta'; readonly choice: number; readonly block: number; readonly text: string }
  | {
      readonly type: 'reasoning-delta';
      readonly choice: number;
      readonly block: number;
      readonly text: string;
      readonly signature?: string;
    }
  | { readonly type: 'refusal-delta'; readonly choice: number; readonly text: string }
  | {
      readonly type: 'tool-call-start';
      readonly choice: number;
      readonly block: number;
      readonly callId: string;
      readonly name: string;
    }
  | {
      readonly type: 'tool-call-delta';
      readonly choice: number;
      readonly block: number;
      readonly argumentsText: string;
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly choice: number; readonly reason: Finish };

/** A whole answer as it comes. Throws AppError when the provider fails after the first event. */
export type Generation = AsyncIterable<GenerationEvent>;

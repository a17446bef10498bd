import type { JsonObject } from './json.ts';
import type { ReasoningFormat } from './reasoning.ts';
import type { Usage } from './usage.ts';

/** Why a generation ended, in the words of the OpenAI dialect. `error` is a failure after the first token. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'error';

/** The unified reason and the provider's own word (null when it said none). */
export interface Finish {
  readonly unified: FinishReason;
  readonly raw: string | null;
  /** The stop sequence that ended the answer, where the provider tells it. */
  readonly stopSequence?: string;
}

/** A source that an answer names. Positions count characters of the choice's text; -1 where the provider gives none. */
export interface Citation {
  readonly url: string;
  readonly title?: string;
  /** The passage that is cited. */
  readonly content?: string;
  readonly start: number;
  readonly end: number;
}

/** A file that was read for the model, by the hash of its bytes: who sends it back with the file spares the reading. */
export interface FileAnnotation {
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly name: string;
  /** What was read, as content parts of OpenAI's dialect. */
  readonly content: readonly JsonObject[];
}

/** A piece of a choice: `choice` counts the alternatives of `n > 1`, 0 otherwise. */
interface OfChoice {
  readonly choice: number;
}

/** A piece of a block: `block` counts text, reasoning and tool blocks within a choice in the order in which they began. */
interface OfBlock extends OfChoice {
  readonly block: number;
}

/** Text of an answer. A Gemini model may sign it (`signature`), also when the text is empty. */
export interface TextDelta extends OfBlock {
  readonly type: 'text-delta';
  readonly text: string;
  readonly signature?: string;
}

/**
 * What a model thought. `text` holds its words, the words of a summary, or an encrypted blob (whole, in one event). A signature often
 * comes last, with no text, and belongs to the block that it names.
 */
export interface ReasoningDelta extends OfBlock {
  readonly type: 'reasoning-delta';
  readonly kind: 'text' | 'summary' | 'encrypted';
  readonly text: string;
  readonly signature?: string;
  /** The provider's id of the reasoning item. */
  readonly id?: string;
  readonly format: ReasoningFormat;
}

/** A call of a tool begins. Ids are unique within an answer. `signature` is Gemini's, and must return with the call. */
export interface ToolCallStart extends OfBlock {
  readonly type: 'tool-call-start';
  readonly callId: string;
  readonly name: string;
  readonly signature?: string;
}

/**
 * One step of an answer. `start` tells the provider's id of the answer. `usage` is cumulative and the last one wins; null is a provider's
 * claim that cannot be read. `logprobs` are entries of OpenAI's `logprobs.content`.
 */
export type GenerationEvent =
  | { readonly type: 'start'; readonly upstreamId: string }
  | TextDelta
  | ReasoningDelta
  | (OfChoice & { readonly type: 'refusal-delta'; readonly text: string })
  | ToolCallStart
  | (OfBlock & { readonly type: 'tool-call-delta'; readonly argumentsText: string })
  | (OfChoice & { readonly type: 'citation'; readonly citation: Citation })
  | (OfChoice & { readonly type: 'file-annotation'; readonly file: FileAnnotation })
  /** A whole picture as a data URL. */
  | (OfChoice & { readonly type: 'image'; readonly url: string })
  /** Sound in base64, or what is said in it. */
  | (OfChoice & {
      readonly type: 'audio-delta';
      readonly id?: string;
      readonly base64?: string;
      readonly transcript?: string;
      readonly expiresAtUnixSeconds?: number;
    })
  | (OfChoice & { readonly type: 'logprobs'; readonly entries: readonly JsonObject[] })
  | { readonly type: 'usage'; readonly usage: Usage | null }
  | (OfChoice & { readonly type: 'finish'; readonly reason: Finish });

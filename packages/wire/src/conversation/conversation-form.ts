import type { FileAnnotation, JsonObject, JsonValue } from '@bourse/generation';

/** One turn of a conversation as it stands in a body: an item of its list. */
export interface BodyTurn {
  readonly item: JsonValue;
  readonly role: 'system' | 'user' | 'assistant' | 'tool' | 'other';
  /** Ids of the tool calls that are made in it. */
  readonly calls: readonly string[];
  /** Ids of the tool calls that are answered in it. */
  readonly results: readonly string[];
  /** It says nothing without the item behind it: reasoning, which providers refuse by itself. */
  readonly isJoined: boolean;
}

/** A file in a body. */
export interface BodyFile {
  /** The part itself: which of the body's it is. */
  readonly part: JsonObject;
  readonly name: string;
  /** A data URL, or an address. */
  readonly data: string;
}

/**
 * The conversation in a body of one dialect, for what changes it before it is decoded: so the hub and the body that is forwarded always
 * say the same. Everything is pure, and a body that is changed is a new one. Bodies must have been decoded by their dialect once.
 */
export interface ConversationForm {
  /** Items of the list; a prompt that is one string has none. What stands beside the list, such as a system prompt, is no turn. */
  turns(body: JsonObject): readonly BodyTurn[];
  /** The body with other items in its list. */
  withTurns(body: JsonObject, items: readonly JsonValue[]): JsonObject;
  /** An item with its texts changed; tool calls and reasoning stay. */
  mapTexts(item: JsonValue, change: (text: string) => string): JsonValue;
  files(body: JsonObject): readonly BodyFile[];
  /** The body with texts in place of files. */
  withFileTexts(body: JsonObject, texts: ReadonlyMap<JsonObject, string>): JsonObject;
  /** The body with a text behind the last thing that its user says. */
  withUserText(body: JsonObject, text: string): JsonObject;
  /** Files that were read for earlier turns, as the client sends them back. */
  annotations(body: JsonObject): readonly FileAnnotation[];
  /** The body without them: no provider knows them. */
  withoutAnnotations(body: JsonObject): JsonObject;
}

/**
 * @bourse/generation — floor 0. The hub that every wire format decodes to and encodes from: Prompt, GenerationEvent, Usage.
 * Refuses: any provider's or client's field names; I/O. A new field needs three providers that have it, else it is an extension.
 */

export { type FoldedChoice, type FoldedGeneration, type FoldedToolCall, fold } from './fold.ts';
export type { Finish, FinishReason, Generation, GenerationEvent } from './generation-event.ts';
export type { JsonObject, JsonValue } from './json.ts';
export { isJsonObject } from './json.ts';
export type {
  ContentPart,
  Message,
  Prompt,
  ProviderPreferences,
  ReasoningRequest,
  ResponseFormat,
  Sampling,
  ToolCall,
  ToolChoice,
  ToolDefinition,
  WireFormatId,
} from './prompt.ts';
export { type Meter, meters, type Usage, usageTotals } from './usage.ts';

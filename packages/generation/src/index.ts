/**
 * @bourse/generation — floor 0. The hub that every wire format decodes to and encodes from: Prompt, GenerationEvent, Usage.
 * Refuses: any provider's or client's field names; I/O. A new field needs three providers that have it, else it is an extension.
 */

export {
  type FoldedBlock,
  type FoldedChoice,
  type FoldedGeneration,
  type FoldedToolCall,
  fold,
  foldedCalls,
  foldedReasoning,
  foldedText,
} from './fold.ts';
export type {
  Citation,
  FileAnnotation,
  Finish,
  FinishReason,
  GenerationEvent,
  ReasoningDelta,
} from './generation-event.ts';
export type { JsonObject, JsonValue } from './json.ts';
export { isJsonObject } from './json.ts';
export type {
  CacheHint,
  ContentPart,
  Message,
  Operation,
  OutputModality,
  PercentileBounds,
  PipelineStep,
  Plugged,
  PluginRequest,
  Prompt,
  ProviderPreferences,
  ReasoningRequest,
  ResponseFormat,
  Sampling,
  SearchWish,
  SortKey,
  Surcharge,
  ToolCall,
  ToolChoice,
  ToolDefinition,
  Upload,
  WireFormatId,
} from './prompt.ts';
export { type ReasoningDetail, type ReasoningFormat, reasoningFormats, reasoningText } from './reasoning.ts';
export {
  type Meter,
  meters,
  metersPricedEach,
  type UnitMeter,
  type Usage,
  unitMeters,
  usageTotals,
} from './usage.ts';

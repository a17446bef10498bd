/**
 * @bourse/wire — floor 0. Every dialect as a two-way codec, the server-sent-events parser, and the relay lane.
 * Refuses: HTTP, provider quirks (packages/providers), money arithmetic.
 */
export { openaiChat } from './openai-chat/index.ts';
export { type ChatRequest, chatRequestSchema } from './openai-chat/schema.ts';
export { createSseParser, formatSse, parseSse, SSE_EVENT_LENGTH_MAX, type SseParser } from './sse.ts';
export { utf8Length } from './utf8-length.ts';
export type {
  CallTarget,
  ProviderFailure,
  Relay,
  RelayedBody,
  RelayedEvent,
  RelayedFacts,
  ResponseHead,
  SseEvent,
  UsageReport,
  WireFormat,
} from './wire-format.ts';

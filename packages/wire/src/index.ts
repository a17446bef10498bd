/**
 * @bourse/wire — floor 0. Every dialect as a two-way codec, the server-sent-events parser, and the relay lane.
 * Refuses: HTTP, provider quirks (packages/providers), money arithmetic.
 */

export { anthropicMessages } from './anthropic-messages/index.ts';
export { bedrockConverse, bedrockConverseFor } from './bedrock-converse/index.ts';
export type { BodyFile, BodyTurn, ConversationForm } from './conversation/conversation-form.ts';
export { dataUrl, parseDataUrl } from './data-url.ts';
export { type ExtraMembers, withExtraMembers, withExtraMembersInStream } from './extra-members.ts';
export { gemini } from './gemini/index.ts';
export { type Crossing, openBody, openLane } from './lanes.ts';
export { openaiChat } from './openai-chat/index.ts';
export { type ChatRequest, chatRequestSchema } from './openai-chat/schema.ts';
export { openaiCompletions } from './openai-completions/index.ts';
export { openaiResponses, openaiResponsesOf } from './openai-responses/index.ts';
export {
  cohereRerank,
  openaiEmbeddings,
  openaiImages,
  openaiSpeech,
  openaiTranscriptions,
} from './operations/index.ts';
export type { ProviderFailure } from './provider-failure.ts';
export { withEndUserDisguised } from './request/end-user.ts';
export { createSseParser, formatSse, parseSse, SSE_EVENT_LENGTH_MAX, type SseEvent, type SseParser } from './sse.ts';
export { utf8Length } from './utf8-length.ts';
export type {
  AnswerBody,
  AnswerContext,
  AnswerFacts,
  CalledFormat,
  CallTarget,
  EventDecoder,
  EventEncoder,
  Lane,
  LaneEvent,
  ResponseHead,
  ServedFormat,
  ToolCallPiece,
  UnsupportedFeature,
  UsageReport,
  WireFormat,
} from './wire-format.ts';

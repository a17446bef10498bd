/**
 * @bourse/wire — floor 0. Every dialect as a two-way codec, the server-sent-events parser, and the relay lane.
 * Refuses: HTTP, provider quirks (packages/providers), money arithmetic.
 */
export type {
  CallTarget,
  ProviderFailure,
  RelayedBody,
  RelayedEvent,
  RelayedFacts,
  Relay,
  ResponseHead,
  SseEvent,
  UsageReport,
  WireFormat,
} from './wire-format.ts';

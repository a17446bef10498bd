import type { Prompt } from '@bourse/generation';
import { nanodollars } from '@bourse/money';
import { type AnswerContext, createSseParser, type ServedFormat, type SseEvent, type UsageReport } from '@bourse/wire';
import type { Answer } from '../generate/request.ts';
import { pieces } from '../idempotency/replay-answer.ts';
import type { Kept } from './response-cache.ts';

/** Nothing was read or written for it. */
const NOTHING: UsageReport = {
  usage: {},
  costUsd: '0',
  upstreamCostUsd: '0',
  upstreamCostParts: { inputUsd: '0', outputUsd: '0' },
  isEstimated: false,
};

type Relay = NonNullable<ServedFormat['relay']>;

function restreamed(bytes: Uint8Array, relay: Relay, context: AnswerContext): string {
  const lane = relay.open(context);
  let text = '';
  const onEvent = (event: SseEvent): void => {
    text += lane.event(event).text;
  };
  // It is our own text, and was bounded when it was kept.
  const parser = createSseParser(onEvent, { eventLengthMax: Number.POSITIVE_INFINITY });
  parser.push(bytes);
  parser.end();
  return text + lane.end().text + lane.finish(NOTHING);
}

/** Where a kept answer goes now. */
export interface Reader {
  readonly generationId: string;
  readonly wire: ServedFormat;
  readonly prompt: Prompt;
  readonly nowMs: number;
}

/** A kept answer as a new one: under the reader's generation id, at no cost, every other byte as it was. */
export function replay({ answer, source }: Kept, reader: Reader, headers: Readonly<Record<string, string>>): Answer {
  const { generationId: id, wire, prompt, nowMs } = reader;
  const { relay } = wire;
  if (relay === undefined) throw new Error(`${wire.id} is not kept`);
  const createdUnixSeconds = Math.floor(nowMs / 1000);
  const head = { id, model: source.modelSlug, provider: source.providerName, createdUnixSeconds };
  const context: AnswerContext = { head, prompt, isReplay: true };
  const all = { ...answer.headers, ...headers };
  if (answer.kind === 'stream') {
    return { kind: 'stream', headers: all, keepAlive: '', chunks: pieces(restreamed(answer.body, relay, context)) };
  }
  const body = relay.body(answer.body.toString('utf8'), context).render(NOTHING);
  return { kind: 'body', headers: all, body, isWhole: true, books: { charged: nanodollars(0n) } };
}

import { isJsonObject } from '@bourse/generation';
import { factsOf, noFacts } from '../facts.ts';
import { scanMembers, spliceMembers } from '../json-members.ts';
import { parseJson } from '../parse-json.ts';
import { formatSse, type SseEvent } from '../sse.ts';
import type { AnswerBody, AnswerContext, Lane, LaneEvent, Relay, ResponseHead, UsageReport } from '../wire-format.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { errorFrame } from './errors.ts';
import { messageStop } from './frames.ts';
import { encodeUsage, moneyMembers } from './usage.ts';

/** The JSON text of a member of an object; null when it is not there. The last of repeated keys counts, as it does for parsers. */
function memberText(text: string, key: string): string | null {
  const member = scanMembers(text).findLast((found) => found.key === key);
  return member === undefined ? null : text.slice(member.valueStart, member.valueEnd);
}

/** What is ours in a message. */
function headEdits({ id, model, provider }: ResponseHead): Map<string, string> {
  return new Map([
    ['id', JSON.stringify(id)],
    ['model', JSON.stringify(model)],
    ['provider', JSON.stringify(provider)],
  ]);
}

/** The provider's usage with the money in it; ours where the provider's could not be used. */
function usageText(text: string, report: UsageReport, { isReplay }: AnswerContext): string {
  const theirs = memberText(text, 'usage');
  if (theirs === null || isReplay || report.isEstimated || !isJsonObject(parseJson(theirs))) return encodeUsage(report);
  return spliceMembers(theirs, moneyMembers(report));
}

function withMoney(text: string, report: UsageReport, context: AnswerContext): string {
  return spliceMembers(text, new Map([['usage', usageText(text, report, context)]]));
}

/** The opening of a stream under our id, with the slug of the model. Clients write into its usage, so there is one. */
function withHead(event: SseEvent, { head, isReplay }: AnswerContext): SseEvent {
  const message = memberText(event.data, 'message');
  const parsed = message === null ? null : parseJson(message);
  if (message === null || !isJsonObject(parsed)) return event;
  const edits = headEdits(head);
  if (isReplay || !isJsonObject(parsed['usage'])) edits.set('usage', '{"input_tokens":0,"output_tokens":0}');
  return { ...event, data: spliceMembers(event.data, new Map([['message', spliceMembers(message, edits)]])) };
}

/** Events that are looked at. Anthropic names each beside its data too, so that the data need not be parsed again. */
const NAMED: ReadonlySet<unknown> = new Set([
  'ping',
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
]);

function typeOf(event: SseEvent): unknown {
  if (NAMED.has(event.event)) return event.event;
  const parsed = parseJson(event.data);
  return isJsonObject(parsed) ? parsed['type'] : null;
}

/**
 * Events pass as they came, whatever they are. The last `message_delta` and the end mark wait for the money; an error of the provider's is
 * not shown: it names the provider's account, and the caller writes its own.
 */
function open(context: AnswerContext): Lane {
  const { head, prompt } = context;
  const decoder = createDecoder(prompt);
  let held: SseEvent | null = null;
  let end: SseEvent | null = null;

  function release(): string {
    const text = held === null ? '' : formatSse(held);
    held = null;
    return text;
  }

  function pass(event: SseEvent): string {
    const type = typeOf(event);
    if (type === 'ping') return formatSse(event);
    if (type === 'message_stop') {
      end = event;
      return '';
    }
    const before = release();
    if (type !== 'message_delta')
      return before + formatSse(type === 'message_start' ? withHead(event, context) : event);
    held = event;
    return before;
  }

  return {
    event(event): LaneEvent {
      const decoded = decoder.push(event);
      const isShown = decoded.failure === null && event.data.trim() !== '';
      return { text: isShown ? pass(event) : '', facts: factsOf(decoded), isEnd: decoded.isEnd };
    },
    end: () => ({ text: '', facts: noFacts, isEnd: true }),
    finish(report) {
      const last = held ?? { event: 'message_delta', data: '{"type":"message_delta","delta":{}}' };
      return (
        formatSse({ ...last, data: withMoney(last.data, report, context) }) +
        (end === null ? messageStop : formatSse(end))
      );
    },
    fail: (error) => errorFrame(error, head.id),
  };
}

function relayBody(text: string, context: AnswerContext): AnswerBody {
  const { head, prompt } = context;
  const decoded = decodeBody(parseJson(text), prompt);
  return {
    facts: factsOf(decoded),
    render: (report) => spliceMembers(text, headEdits(head).set('usage', usageText(text, report, context))),
  };
}

/** The relay lane of the anthropic-messages dialect. */
export const relay: Relay = { open, body: relayBody };

import { isJsonObject, type Prompt } from '@bourse/generation';
import { factsOf } from '../facts.ts';
import { scanMembers, spliceMembers } from '../json-members.ts';
import { parseJson } from '../parse-json.ts';
import { invalidResponse } from '../provider-failure.ts';
import type { AnswerBody, AnswerContext, AnswerFacts, Lane, LaneEvent, Relay, UsageReport } from '../wire-format.ts';
import { createDecoder, decodeBody } from './decoder.ts';
import { encodeError } from './errors.ts';
import { answerText, frame } from './frames.ts';
import { costMembers, encodeUsage } from './usage.ts';

const USAGE = 'usageMetadata';

/** The text of the provider's own counts; null when there are none. */
function usageIn(text: string): string | null {
  const member = scanMembers(text).findLast(({ key }) => key === USAGE);
  const value = member === undefined ? '' : text.slice(member.valueStart, member.valueEnd);
  return value.startsWith('{') ? value : null;
}

/** The provider's counts with our cost, or ours alone where the provider's say nothing that can be believed. */
function usageText(theirs: string | null, report: UsageReport, { isReplay }: AnswerContext): string {
  if (theirs === null || isReplay || report.isEstimated || parseJson(theirs) === undefined) return encodeUsage(report);
  return spliceMembers(theirs, costMembers(report));
}

/** Ours in place of theirs; a null removes the usage. */
function spliced(text: string, { head }: AnswerContext, usage: string | null): string {
  const ours = new Map<string, string | null>([
    ['modelVersion', JSON.stringify(head.model)],
    ['responseId', JSON.stringify(head.id)],
    [USAGE, usage],
  ]);
  return spliceMembers(text, ours);
}

/** A chunk that only counts: ours comes at the end. */
function isEmpty(root: object): boolean {
  return !('candidates' in root) && !('promptFeedback' in root);
}

/**
 * The relay lane: every chunk passes as it came, less its counts, until one tells an end. From there on chunks wait for the money, and the
 * last of them takes it along.
 */
class RelayLane implements Lane {
  readonly #context: AnswerContext;
  readonly #decoder: ReturnType<typeof createDecoder>;
  readonly #held: string[] = [];
  #usage: string | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#decoder = createDecoder(context.prompt);
  }

  event(event: Parameters<Lane['event']>[0]): LaneEvent {
    const decoded = this.#decoder.push(event);
    const facts = factsOf(decoded);
    const root = parseJson(event.data);
    if (decoded.failure !== null || !isJsonObject(root)) return { text: '', facts, isEnd: false };
    this.#usage = usageIn(event.data) ?? this.#usage;
    if (isEmpty(root)) return { text: '', facts, isEnd: false };
    // JSON has no line ends of its own that matter, and an event's data must be one line.
    const data = event.data.replaceAll('\n', '');
    if (facts.finish === null && this.#held.length === 0) {
      return { text: frame(spliced(data, this.#context, null)), facts, isEnd: false };
    }
    this.#held.push(data);
    return { text: '', facts, isEnd: false };
  }

  end(): LaneEvent {
    return { text: '', facts: factsOf(this.#decoder.end()), isEnd: true };
  }

  finish(report: UsageReport): string {
    const usage = usageText(this.#usage, report, this.#context);
    const last = this.#held.pop();
    const before = this.#held.map((data) => frame(spliced(data, this.#context, null))).join('');
    return (
      before +
      frame(last === undefined ? answerText([], this.#context.head, usage) : spliced(last, this.#context, usage))
    );
  }

  fail(error: Parameters<Lane['fail']>[0]): string {
    return frame(JSON.stringify(encodeError(error, { generationId: this.#context.head.id })));
  }
}

/** What a body told. A list of chunks is read, and is no body that a client could be given. */
function bodyFacts(root: unknown, prompt: Prompt): AnswerFacts {
  const facts = factsOf(decodeBody(root, prompt));
  if (facts.error !== null || isJsonObject(root)) return facts;
  return { ...facts, error: invalidResponse('The provider sent a list where an answer should be.') };
}

function relayBody(text: string, context: AnswerContext): AnswerBody {
  const root = parseJson(text);
  return {
    facts: bodyFacts(root, context.prompt),
    render: (report) => spliced(text, context, usageText(usageIn(text), report, context)),
  };
}

/** The relay lane of the gemini dialect. */
export const relay: Relay = { open: (context) => new RelayLane(context), body: relayBody };

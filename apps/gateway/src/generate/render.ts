import type { SpendGuard } from '@bourse/billing';
import { AppError, toAppError } from '@bourse/errors';
import { formatUsd } from '@bourse/money';
import type { AnswerContext, LaneEvent, ProviderFailure, UsageReport } from '@bourse/wire';
import type { Deps } from '../deps.ts';
import type { WatchedEnd } from '../health/answer-watch.ts';
import { within } from '../within.ts';
import { type Spending, spendGuardFor, spentError } from './affordability.ts';
import type { Attempt, AttemptResult } from './attempt.ts';
import { failureOf, failureRule } from './attempt-failure.ts';
import { type Conclusion, conclude } from './conclude.ts';
import { brokenError, type NamedFailure } from './failure-error.ts';
import type { LaneStream } from './lane-stream.ts';
import type { Lifeline } from './lifeline.ts';
import { Meter } from './meter.ts';
import type { Answer, StreamEnd } from './request.ts';
import type { Ending, Ticket } from './ticket.ts';

/** What both ways of answering share. */
export interface RenderInput {
  readonly ticket: Ticket;
  readonly life: Lifeline;
  readonly attempting: Promise<AttemptResult>;
}

function reportOf(conclusion: Conclusion): UsageReport {
  return {
    usage: conclusion.usage,
    costUsd: formatUsd(conclusion.charged),
    upstreamCostUsd: formatUsd(conclusion.cost),
    upstreamCostParts: {
      inputUsd: formatUsd(conclusion.costParts.input),
      outputUsd: formatUsd(conclusion.costParts.output),
    },
    isEstimated: conclusion.isEstimated,
  };
}

type Failed = Extract<AttemptResult, { kind: 'failed' }>;

/** Ends a generation in the books without waiting for them. */
function concludeLater(ticket: Ticket, ending: Ending, deps: Deps): Promise<Conclusion> {
  const books = conclude(ticket, ending, deps);
  deps.background.run('conclude', books);
  return books;
}

/** Frees the hold of a generation that no endpoint answered. The refusal does not wait for the books. */
function concludeFailed(input: RenderInput, failed: Failed, deps: Deps): Promise<Conclusion> {
  const { end, candidate, error } = failed;
  input.life.dispose();
  return concludeLater(input.ticket, { end, candidate, attempts: failed.log, metered: null, error }, deps);
}

/** What a client needs to know of an answer that nobody gave. */
function failedContext({ ticket: { request, prompt } }: RenderInput, { candidate }: Failed, deps: Deps): AnswerContext {
  const { modelSlug: model, providerSlug: provider } = candidate.endpoint;
  const createdUnixSeconds = Math.floor(deps.now() / 1000);
  return { head: { id: request.generationId, model, provider, createdUnixSeconds }, prompt };
}

/** A failure as the answer that some dialects tell it as; null where it is an error. */
function failureAnswer(input: RenderInput, failed: Failed, deps: Deps): string | null {
  return input.ticket.request.wire.encodeFailure?.(failed.error, failedContext(input, failed, deps)) ?? null;
}

/** Throws the failure, unless the dialect tells it as an answer. */
function renderFailed(input: RenderInput, failed: Failed, deps: Deps): Answer {
  const books = concludeFailed(input, failed, deps);
  const body = failureAnswer(input, failed, deps);
  if (body === null) throw failed.error;
  return { kind: 'body', headers: { 'content-type': 'application/json' }, body, isWhole: false, books };
}

/** Answers in one piece, settled before it is sent. Throws the attempts' error. */
export async function renderBody(input: RenderInput, deps: Deps): Promise<Answer> {
  const result = await input.attempting;
  if (result.kind === 'failed') return renderFailed(input, result, deps);
  const { candidate, answer, log, watch } = result.attempt;
  if (answer.kind !== 'body')
    throw new AppError('internal', 'Something failed on our side.', { detail: 'a stream for a whole answer' });
  input.life.dispose();
  const meter = new Meter();
  meter.observe(answer.body.facts, deps.now);
  watch.observe(answer.body.facts);
  const metered = meter.read();
  watch.ended('ok', metered);
  // A reader who left while the provider finished anyway is charged for the whole answer, as documented.
  const end = input.life.isClientGone ? 'client_cancelled' : 'finished';
  const ending: Ending = { end, candidate, attempts: log, metered, error: null };
  const conclusion = await conclude(input.ticket, ending, deps);
  if (!conclusion.isConfirmed) throw unconfirmed();
  return {
    kind: 'body',
    headers: { 'content-type': answer.body.contentType ?? 'application/json' },
    body: answer.body.render(reportOf(conclusion)),
    isWhole: metered.finishReason !== 'error',
    books: conclusion,
    source: { candidate, metered },
  };
}

/** An answer whose price nobody can tell is not given out under a wrong one: its key leads to it again. */
function unconfirmed(): AppError {
  const message =
    'What was charged for this request cannot be told at the moment. Retry with the same Idempotency-Key.';
  return new AppError('service_unavailable', message, { retryAfterSeconds: 1 });
}

function namedFailure(failure: ProviderFailure, { provider, candidate }: Attempt): NamedFailure {
  return { failure, providerName: provider.name, candidate };
}

function streamError(
  error: unknown,
  attempt: Attempt,
  { life, spending }: { life: Lifeline; spending: Spending },
): { end: Ending['end']; error: AppError; watched?: WatchedEnd } {
  if (error instanceof InBandFailure) {
    return { end: 'upstream_error', error: toAppError(error.cause), watched: error.watched };
  }
  if (error instanceof MoneySpent) {
    return { end: life.isClientGone ? 'client_cancelled' : 'finished', error: spentError(spending.allowance) };
  }
  switch (life.reason) {
    case 'client_gone':
      return { end: 'client_cancelled', error: new AppError('request_timeout', 'The client closed the connection.') };
    case 'total_timeout':
      return {
        end: 'timeout',
        error: new AppError('provider_timeout', 'The answer took longer than the total time limit.'),
      };
    case 'draining':
      return { end: 'timeout', error: new AppError('service_unavailable', 'This server is shutting down; retry.') };
    case null: {
      const failure = failureOf(error);
      const end = failure.kind === 'timeout' ? 'timeout' : 'upstream_error';
      return { end, error: brokenError(namedFailure(failure, attempt)), watched: 'failed' };
    }
  }
}

/** Thrown inside a stream when the provider reports an error in-band. */
class InBandFailure extends Error {
  override readonly name = 'InBandFailure';
  readonly watched: WatchedEnd;

  constructor(failure: ProviderFailure, error: AppError) {
    super('in-band', { cause: error });
    this.watched = failureRule(failure).isOutage ? 'failed' : 'unknown';
  }
}

function assertNoFailure(event: LaneEvent, attempt: Attempt): void {
  if (event.facts.error === null) return;
  throw new InBandFailure(event.facts.error, brokenError(namedFailure(event.facts.error, attempt)));
}

/** Thrown inside a stream when it has delivered all that its money covers, and goes on. */
class MoneySpent extends Error {
  override readonly name = 'MoneySpent';
}

/** What a batch of events came to: bytes for the client, and whether more may follow. */
interface Passed {
  readonly text: string;
  readonly isEnded: boolean;
  readonly isSpent: boolean;
}

/** Counts a batch of events as it passes. Throws when the provider reports a failure in it. */
function pass(
  batch: readonly LaneEvent[],
  attempt: Attempt,
  { meter, guard, now }: { meter: Meter; guard: SpendGuard | null; now: Deps['now'] },
): Passed {
  let text = '';
  let isEnded = false;
  let isSpent = false;
  for (const event of batch) {
    assertNoFailure(event, attempt);
    meter.observe(event.facts, now);
    attempt.watch.observe(event.facts);
    if (guard?.isSpentBy(event.facts.outputText)) isSpent = true;
    text += event.text;
    isEnded = event.isEnd;
    // Nothing after the end mark is part of the answer.
    if (isEnded) break;
  }
  return { text, isEnded, isSpent };
}

function streamOf({ answer }: Attempt): LaneStream {
  if (answer.kind === 'stream') return answer.stream;
  throw new AppError('internal', 'Something failed on our side.', { detail: 'no stream' });
}

async function* streamAttempt(input: RenderInput, attempt: Attempt, deps: Deps): AsyncGenerator<string, StreamEnd> {
  const { ticket, life } = input;
  const meter = new Meter();
  const spending = { prompt: ticket.prompt, candidate: attempt.candidate, allowance: ticket.hold };
  const ending = (end: Ending['end'], error: AppError | null): Ending => ({
    end,
    candidate: attempt.candidate,
    attempts: attempt.log,
    metered: meter.read(),
    error,
  });
  const stream = streamOf(attempt);
  try {
    const counting = { meter, guard: await spendGuardFor(spending, deps.countTokens), now: deps.now };
    for (let batch = await stream.next(); batch !== null; batch = await stream.next()) {
      const { text, isEnded, isSpent } = pass(batch, attempt, counting);
      if (text !== '') yield text;
      if (isEnded) break;
      // An answer that has finished only waits for its usage.
      if (isSpent && meter.finishReason === null) throw new MoneySpent('spent');
    }
    // Some providers omit the end mark; an answer with a finish reason is whole without it.
    if (meter.finishReason === null) throw new Error('the stream ended before the answer did');
  } catch (thrown) {
    stream.abandon();
    // After the first byte the status is spent: the failure is told in the client's dialect, and the stream ends.
    const { end, error, watched = 'unknown' } = streamError(thrown, attempt, { life, spending });
    attempt.watch.ended(watched, meter.read());
    const books = concludeLater(ticket, ending(end, error), deps);
    const text = stream.lane.fail(error);
    // Where the money ended the answer, there will never be more of it.
    return { text, isWhole: end === 'finished', books };
  } finally {
    life.dispose();
  }
  attempt.watch.ended('ok', meter.read());
  // A reader who left while the provider finished anyway is charged for the whole answer, as documented.
  const conclusion = await conclude(ticket, ending(life.isClientGone ? 'client_cancelled' : 'finished', null), deps);
  if (!conclusion.isConfirmed) return { text: stream.lane.fail(unconfirmed()), isWhole: false, books: null };
  const metered = meter.read();
  return {
    text: stream.lane.finish(reportOf(conclusion)),
    isWhole: metered.finishReason !== 'error',
    books: conclusion,
    source: { candidate: attempt.candidate, metered },
  };
}

/** The stream of a generation whose attempts were still running when the answer had to begin. */
async function* streamLate(input: RenderInput, deps: Deps): AsyncGenerator<string, StreamEnd> {
  const result = await input.attempting;
  if (result.kind === 'answered') return yield* streamAttempt(input, result.attempt, deps);
  const books = concludeFailed(input, result, deps);
  const text = input.ticket.request.wire.createEncoder(failedContext(input, result, deps)).fail(result.error);
  return { text, isWhole: false, books };
}

/**
 * Answers as a stream. A failure before the first token keeps its own HTTP status, unless it takes so long that the client must
 * see a sign of life first, or the dialect tells it as an answer; then the status is 200 and the failure comes in-band.
 */
export async function renderStream(input: RenderInput, deps: Deps): Promise<Answer> {
  const result = await within(input.attempting, deps.limits.firstFlushMs, null);
  if (result?.kind === 'failed' && failureAnswer(input, result, deps) === null) {
    void concludeFailed(input, result, deps);
    throw result.error;
  }
  const chunks = result?.kind === 'answered' ? streamAttempt(input, result.attempt, deps) : streamLate(input, deps);
  return {
    kind: 'stream',
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
    keepAlive: input.ticket.request.wire.keepAlive,
    chunks,
  };
}

import { type ChargeDecision, computeCharge, type GenerationEnd, type PricedLine } from '@bourse/billing';
import type { GenerationRecord } from '@bourse/db';
import { type AppError, isAppError } from '@bourse/errors';
import { type Prompt, type Usage, usageTotals } from '@bourse/generation';
import { type Nanodollars, nanodollars } from '@bourse/money';
import type { Candidate } from '@bourse/routing';
import type { Deps } from '../deps.ts';
import { type AppIdentity, identifyApp } from '../snapshot/app-registry.ts';
import type { AttemptLog } from './attempt-failure.ts';
import type { Caller } from './authenticate.ts';
import { decide } from './decide.ts';
import type { Metered } from './meter.ts';
import type { InferenceRequest } from './request.ts';
import type { Hold } from './reserve.ts';

/** An admitted generation: money is held for it, and from here on it must be concluded exactly once. */
export interface Ticket {
  readonly request: InferenceRequest;
  readonly caller: Caller;
  readonly prompt: Prompt;
  readonly hold: Hold;
}

/** How it went. */
export interface Ending {
  readonly end: GenerationEnd;
  readonly candidate: Candidate;
  readonly attempts: readonly AttemptLog[];
  /** Null when no endpoint answered. */
  readonly metered: Metered | null;
  readonly error: AppError | null;
}

/** What the books say after it. */
export interface Conclusion {
  readonly usage: Usage;
  /** What was taken from the credits. */
  readonly charged: Nanodollars;
  readonly cost: Nanodollars;
  readonly isEstimated: boolean;
}

function recordOf(
  ticket: Ticket,
  ending: Ending,
  input: {
    decision: ChargeDecision;
    lines: readonly PricedLine[];
    appId: number | null;
    app: AppIdentity | null;
    deps: Deps;
  },
): GenerationRecord {
  const { request, caller, prompt } = ticket;
  const { decision, deps } = input;
  const { endpoint, markupBps } = ending.candidate;
  const { metered } = ending;
  const totals = usageTotals(decision.usage);
  const firstTokenAtMs = metered?.firstTokenAtMs ?? null;
  return {
    id: request.generationId,
    requestId: request.requestId,
    organizationId: caller.key.organizationId,
    apiKeyId: caller.key.id,
    appId: input.appId,
    modelRequested: prompt.model,
    modelSlug: endpoint.modelSlug,
    providerSlug: endpoint.providerSlug,
    endpointId: endpoint.id,
    upstreamId: metered?.upstreamId ?? null,
    isStreamed: prompt.isStreamed,
    isCancelled: ending.end === 'client_cancelled',
    end: ending.end,
    finishReason: metered?.finishReason ?? null,
    nativeFinishReason: metered?.nativeFinishReason ?? null,
    usage: decision.usage,
    ...totals,
    reasoningTokens: decision.usage.output_reasoning ?? 0,
    cachedTokens: decision.usage.input_cache_read ?? 0,
    basis: decision.basis,
    flags: decision.flags,
    receipt: decision.isCharged
      ? {
          lines: input.lines,
          priceSheetId: endpoint.prices.id,
          markupBps,
          rounding: 'ceil-nanodollar-once',
        }
      : null,
    attempts: ending.attempts.map((attempt) => ({ ...attempt })),
    latencyMs: firstTokenAtMs === null ? null : firstTokenAtMs - request.receivedAtMs,
    generationMs: firstTokenAtMs === null ? null : deps.now() - firstTokenAtMs,
    httpReferer: input.app?.url ?? null,
    origin: request.header('origin'),
    userAgent: request.header('user-agent'),
    endUser: prompt.endUser ?? null,
    sessionId: prompt.sessionId ?? request.header('x-session-id'),
    isDemo: caller.key.organizationIsDemo,
    errorCode: ending.error?.code ?? null,
    createdAt: new Date(request.receivedAtMs),
  };
}

const RETRY_MS_FIRST = 250;
const RETRY_MS_MAX = 5_000;

/** Repeats a money call until the database is back; it is idempotent. Gives up only when the hold has expired anyway. */
async function untilDone<Result>(call: () => Promise<Result>, deps: Deps): Promise<Result> {
  const giveUpAtMs = deps.now() + deps.limits.totalTimeoutMs;
  for (let waitMs = RETRY_MS_FIRST; ; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
    try {
      return await call();
    } catch (error) {
      // The second place that catches: only an unreachable database is worth another call.
      if (!isAppError(error) || error.code !== 'service_unavailable' || deps.now() > giveUpAtMs) throw error;
      deps.log.warn('money.retry', { waitMs });
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** The answer must not hang for a database that is away: after this long it goes out, and the money call goes on by itself. */
const SETTLE_PATIENCE_MS = 2_000;

async function withPatience<Result>(
  what: string,
  work: Promise<Result>,
  input: { fallback: Result; deps: Deps },
): Promise<Result> {
  const impatient = Promise.withResolvers<Result>();
  const timer = setTimeout(() => impatient.resolve(input.fallback), SETTLE_PATIENCE_MS);
  input.deps.background.run(what, work);
  try {
    return await Promise.race([work, impatient.promise]);
  } catch {
    // Reported by the background tracker already; the customer's answer is not to blame.
    return input.fallback;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ends a generation in the books: decides the charge, settles or releases the hold, records it. To be called once for a ticket and
 * awaited before the last byte of an answer, so that what was delivered is charged and the charge can be read back at once.
 */
export async function conclude(ticket: Ticket, ending: Ending, deps: Deps): Promise<Conclusion> {
  const decision = await decide(ticket, ending, deps);
  const { endpoint, markupBps } = ending.candidate;
  const { charge, cost, lines } = computeCharge({ sheet: endpoint.prices, usage: decision.usage, markupBps });
  // An estimate of ours never takes more than was set aside for it.
  const isCapped = decision.basis === 'estimated' && charge > ticket.hold.amount;
  const owed = isCapped ? ticket.hold.amount : charge;
  const app = identifyApp({
    referer: ticket.request.header('http-referer') ?? ticket.request.header('referer'),
    title:
      ticket.request.header('x-bourse-title') ??
      ticket.request.header('x-openrouter-title') ??
      ticket.request.header('x-title'),
  });
  const resolved = deps.apps.resolve(app);
  const appId = resolved instanceof Promise ? await resolved : resolved;
  const record = recordOf(ticket, ending, { decision, lines, appId, app, deps });
  if (record.latencyMs !== null) deps.metrics.firstToken(endpoint.providerSlug, record.latencyMs / 1000);
  const conclusion = { usage: decision.usage, charged: owed, cost, isEstimated: decision.basis === 'estimated' };
  deps.metrics.settled(decision.isCharged ? decision.basis : ending.end);
  if (!decision.isCharged) {
    const release = untilDone(
      () => deps.db.ledger.release({ generationId: record.id, organizationId: record.organizationId, record }),
      deps,
    );
    await withPatience(
      'release',
      release.then(() => undefined),
      { fallback: undefined, deps },
    );
    return { ...conclusion, charged: nanodollars(0n), cost: nanodollars(0n) };
  }
  const settle = untilDone(
    () => deps.db.ledger.settle({ charge: owed, cost, providerSlug: endpoint.providerSlug, record }),
    deps,
  );
  const fallback = { kind: 'settled' as const, charged: owed };
  const settled = await withPatience('settle', settle, { fallback, deps });
  return { ...conclusion, charged: settled.charged };
}

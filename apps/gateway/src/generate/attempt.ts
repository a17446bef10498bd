import type { GenerationEnd } from '@bourse/billing';
import { AppError, invariant, toAppError } from '@bourse/errors';
import type { Provider } from '@bourse/providers';
import type { Candidate } from '@bourse/routing';
import type { AnswerContext, ProviderFailure } from '@bourse/wire';
import type { Deps } from '../deps.ts';
import { AnswerWatch } from '../health/answer-watch.ts';
import { isStopped } from '../snapshot/switches.ts';
import { addressOf } from '../upstream/upstreams.ts';
import type { AttemptLog } from './attempt-failure.ts';
import type { AttemptInput } from './attempt-input.ts';
import { withLoss } from './attempt-loss.ts';
import { type AttemptAnswer, attemptOne, type OneResult } from './call-endpoint.ts';
import { failureError, type NamedFailure, nobodyError } from './failure-error.ts';
import type { Lifeline } from './lifeline.ts';
import { Tries } from './tries.ts';

/** An endpoint that answers. For a stream the first token is there; nothing of it has been sent. */
export interface Attempt {
  readonly candidate: Candidate;
  readonly provider: Provider;
  readonly head: AnswerContext['head'];
  readonly log: readonly AttemptLog[];
  /** Is told of every event, and of the end. */
  readonly watch: AnswerWatch;
  readonly answer: AttemptAnswer;
}

/** All that the plan came to. */
export type AttemptResult =
  | { readonly kind: 'answered'; readonly attempt: Attempt }
  | {
      readonly kind: 'failed';
      readonly end: GenerationEnd;
      readonly error: AppError;
      readonly candidate: Candidate;
      readonly log: readonly AttemptLog[];
    };

/** Why the loop must stop although candidates are left; null when it may go on. */
function cutEnd(life: Lifeline): { end: GenerationEnd; error: AppError } | null {
  switch (life.reason) {
    case null:
      return null;
    case 'client_gone':
      return { end: 'client_cancelled', error: new AppError('request_timeout', 'The client closed the connection.') };
    case 'total_timeout':
      return {
        end: 'timeout',
        error: new AppError('provider_timeout', 'The request took longer than the total time limit.'),
      };
    case 'draining':
      return {
        end: 'timeout',
        error: new AppError('service_unavailable', 'This server is shutting down; retry.', { retryAfterSeconds: 1 }),
      };
  }
}

/**
 * Calls the candidates in order until one answers. Never rejects: a failure of ours ends like one of a provider's, because the hold
 * must be given back whatever happened.
 */
export async function attemptPlan(input: AttemptInput, deps: Deps): Promise<AttemptResult> {
  try {
    return await tryCandidates(input, deps);
  } catch (thrown) {
    const [candidate] = input.route.candidates;
    return { kind: 'failed', end: 'upstream_error', error: toAppError(thrown), candidate, log: [] };
  }
}

/** There was no place in an endpoint's line. Nobody was called. */
const FULL: ProviderFailure = { kind: 'overloaded', status: 0, message: '', code: null, retryAfterSeconds: 1 };

/** The only fallback loop. Before the first token a failure moves on; after it there is no way back. Who is next is decided by `Tries`. */
async function tryCandidates(input: AttemptInput, deps: Deps): Promise<AttemptResult> {
  const log: AttemptLog[] = [];
  const createdUnixSeconds = Math.floor(deps.now() / 1000);
  const tries = new Tries(input, deps);
  let last: (NamedFailure & { candidate: Candidate }) | null = null;
  for (let candidate = await tries.next(); candidate !== null; candidate = await tries.next()) {
    const { id: endpointId, modelSlug, providerSlug } = candidate.endpoint;
    const provider = deps.providers.get(providerSlug);
    invariant(provider !== undefined, `planned without knowing ${providerSlug}`);
    const failed = log.pop();
    if (failed !== undefined && last !== null) log.push(withLoss(failed, last.candidate.endpoint, input.prompt));
    const head = { id: input.generationId, model: modelSlug, provider: provider.name, createdUnixSeconds };
    const flight = await deps.upstreams.enter(addressOf(candidate), input.prompt.isStreamed);
    const startedMs = deps.now();
    const parts = { deps, provider, context: { head, prompt: input.prompt } };
    const result = flight === null ? { failure: FULL } : await attemptOne(candidate, input, parts).catch(flight.lost);
    if ('refusal' in result) {
      flight?.withdrawn();
      const refused = { end: 'upstream_error', error: result.refusal } as const;
      return { kind: 'failed', ...(cutEnd(input.life) ?? refused), candidate, log };
    }
    log.push(logOf(candidate, result, deps.now() - startedMs));
    const outcome = input.life.reason ?? ('failure' in result ? result.failure.kind : 'ok');
    deps.metrics.attempt({ provider: providerSlug, outcome }, (deps.now() - startedMs) / 1000);
    if ('answer' in result && flight !== null) {
      const { health, now } = deps;
      const watch = new AnswerWatch({ endpointId, prompt: input.prompt, startedMs, health, flight, now });
      if (provider.onCancel === 'bills_anyway') input.life.drainAfterCancel(deps.limits.drainAfterCancelMs);
      return { kind: 'answered', attempt: { candidate, provider, head, log, watch, answer: result.answer } };
    }
    const cut = cutEnd(input.life);
    if (cut !== null) {
      flight?.withdrawn();
      return { kind: 'failed', ...cut, candidate, log };
    }
    const failure = 'failure' in result ? result.failure : FULL;
    flight?.failed(failure);
    tries.failed(candidate, failure);
    last = { candidate, failure, providerName: provider.name };
  }
  return allFailed(last, { ...input, log }, deps);
}

function logOf({ endpoint, reason }: Candidate, result: OneResult, latencyMs: number): AttemptLog {
  const failure = 'failure' in result ? result.failure : null;
  const { id: endpointId, providerSlug, modelSlug } = endpoint;
  return {
    endpointId,
    providerSlug,
    modelSlug,
    reason,
    status: failure?.status ?? 200,
    outcome: failure?.kind ?? 'ok',
    latencyMs,
    ...(typeof failure?.retryAfterSeconds === 'number' ? { retryAfterSeconds: failure.retryAfterSeconds } : {}),
  };
}

function allFailed(
  last: (NamedFailure & { candidate: Candidate }) | null,
  { route, prompt, log }: AttemptInput & { readonly log: readonly AttemptLog[] },
  deps: Deps,
): AttemptResult {
  const candidate = last?.candidate ?? route.candidates[0];
  if (last === null) {
    const isStoppedNow = route.candidates.some(({ endpoint }) => isStopped(deps.switches(), endpoint));
    const error = nobodyError(candidate, { prompt, isStopped: isStoppedNow }, deps);
    return { kind: 'failed', end: 'upstream_error', error, candidate, log };
  }
  const error = failureError(last, { log, prompt }, deps);
  const end = last.failure.kind === 'timeout' ? 'timeout' : 'upstream_error';
  return { kind: 'failed', end, error, candidate, log };
}

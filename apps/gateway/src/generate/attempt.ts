import type { GenerationEnd, OutputCaps } from '@bourse/billing';
import { AppError, invariant, isAppError, toAppError } from '@bourse/errors';
import type { Prompt } from '@bourse/generation';
import { buildProviderRequest, type Provider, type ProviderApi } from '@bourse/providers';
import type { Candidate } from '@bourse/routing';
import {
  type AnswerBody,
  type AnswerContext,
  type Crossing,
  openBody,
  openLane,
  type ProviderFailure,
  type ServedFormat,
  withEndUserDisguised,
} from '@bourse/wire';
import type { Deps } from '../deps.ts';
import { AnswerWatch } from '../health/answer-watch.ts';
import type { ProviderResponse } from '../http/provider-call.ts';
import type { InlineMedia } from '../media/inline-media.ts';
import { type AttemptLog, failureOf, failureRule } from './attempt-failure.ts';
import { withLoss } from './attempt-loss.ts';
import { failureError, type NamedFailure } from './failure-error.ts';
import { LaneStream } from './lane-stream.ts';
import type { Lifeline } from './lifeline.ts';
import type { RoutedPlan } from './plan.ts';
import { promptFor } from './prompt-for.ts';

/** An endpoint that answers. For a stream the first token is there; nothing of it has been sent. */
export interface Attempt {
  readonly candidate: Candidate;
  readonly provider: Provider;
  readonly head: AnswerContext['head'];
  readonly log: readonly AttemptLog[];
  /** Is told of every event, and of the end. */
  readonly watch: AnswerWatch;
  readonly answer:
    | { readonly kind: 'body'; readonly body: AnswerBody | AnswerBody<Uint8Array> }
    | { readonly kind: 'stream'; readonly stream: LaneStream };
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

/** What every attempt of a generation shares. */
export interface AttemptInput {
  readonly generationId: string;
  /** The client's dialect. */
  readonly served: ServedFormat;
  readonly prompt: Prompt;
  /** What providers are told in place of an end user's name. */
  readonly disguise: (name: string) => string;
  readonly route: RoutedPlan;
  /** How long each candidate's answer may be; one that is not in it is not called. Null: as asked. */
  readonly caps: OutputCaps | null;
  readonly life: Lifeline;
  /** What the prompt names by URL, for providers that want the bytes. */
  readonly media: InlineMedia;
}

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const ERROR_BYTES_MAX = 64 * 1024;

type OneResult =
  | Pick<Attempt, 'answer'>
  | { readonly failure: ProviderFailure }
  /** The request is to blame, and no provider was asked. */
  | { readonly refusal: AppError };

/** How an endpoint's answer is read, and what is written for the client. */
interface Reading {
  readonly provider: Provider;
  readonly api: ProviderApi;
  readonly served: ServedFormat;
  readonly context: AnswerContext;
}

function crossingOf({ api, served }: Reading): Crossing {
  return { served, called: api.wire, isRebuilt: api.isRebuilt === true };
}

async function readFailure(response: ProviderResponse, { provider, api }: Reading): Promise<ProviderFailure> {
  const text = await response.text(ERROR_BYTES_MAX).catch(() => '');
  const failure = api.wire.decodeError(response.status, text, response.headers);
  return provider.classify?.(failure) ?? failure;
}

async function readStream(response: ProviderResponse, reading: Reading): Promise<OneResult> {
  const { wire } = reading.api;
  const type = response.headers['content-type'] ?? '';
  if (!type.startsWith(wire.streamType)) return { failure: await readFailure(response, reading) };
  const lane = openLane(crossingOf(reading), reading.context);
  const stream = new LaneStream(response, lane, wire.createParser);
  const failure = await stream.peek();
  if (failure === null) return { answer: { kind: 'stream', stream } };
  stream.abandon();
  return { failure };
}

async function bodyOf(response: ProviderResponse, reading: Reading): Promise<AnswerBody | AnswerBody<Uint8Array>> {
  const { relay } = reading.api.wire;
  if (relay?.bytes === undefined) {
    return openBody(await response.text(BODY_BYTES_MAX), crossingOf(reading), reading.context);
  }
  const contentType = response.headers['content-type'] ?? '';
  return relay.bytes(await response.bytes(BODY_BYTES_MAX), contentType, reading.context);
}

async function readWhole(response: ProviderResponse, reading: Reading): Promise<OneResult> {
  const body = await bodyOf(response, reading);
  const { error, hasOutput, finish } = body.facts;
  if (error !== null) return { failure: error };
  if (!hasOutput && finish === null) {
    return {
      failure: { kind: 'invalid_response', status: response.status, message: '', code: null, retryAfterSeconds: null },
    };
  }
  return { answer: { kind: 'body', body } };
}

/** What is wrong with media by URL is told as it is; anything else is no refusal. */
function refusalOf(error: unknown): AppError {
  if (isAppError(error)) return error;
  throw error;
}

async function attemptOne(
  candidate: Candidate,
  input: AttemptInput,
  { deps, provider, context }: { deps: Deps; provider: Provider; context: AnswerContext },
): Promise<OneResult> {
  const { life, served, disguise, media } = input;
  const disguised = withEndUserDisguised(promptFor(candidate, input.prompt), disguise);
  const { upstreamModel, outputTokensMax, id } = candidate.endpoint;
  const credential = deps.credentials.get(provider.id);
  const api = provider.apiFor(disguised, upstreamModel);
  invariant(credential !== undefined && api !== null, `planned without a way to call ${provider.id}`);
  const prompt = await media.inlined(disguised, api.wire).catch(refusalOf);
  if (prompt instanceof AppError) return { refusal: prompt };
  const calling = buildProviderRequest({
    provider,
    api,
    credential,
    prompt,
    target: {
      upstreamModel,
      isStreamed: prompt.isStreamed,
      outputTokensMax: input.caps?.get(id) ?? null,
      endpointOutputTokensMax: outputTokensMax,
    },
  });
  const headersMs = prompt.isStreamed ? deps.limits.firstByteTimeoutMs : deps.limits.wholeAnswerTimeoutMs;
  const reading = { provider, api, served, context };
  try {
    const bounds = { headersMs, idleMs: deps.limits.idleTimeoutMs };
    const response = await deps.transport.call(await calling, bounds, life.cut);
    if (response.status !== 200) return { failure: await readFailure(response, reading) };
    return await (prompt.isStreamed ? readStream(response, reading) : readWhole(response, reading));
  } catch (error) {
    // One of the three places that catch: here a failure of the outside world becomes a value that the loop can decide on.
    return { failure: failureOf(error) };
  }
}

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

/**
 * The only fallback loop. Before the first token a failure moves on; after it there is no way back. A refusal that blames the request
 * moves on only to another model.
 */
async function tryCandidates(input: AttemptInput, deps: Deps): Promise<AttemptResult> {
  const log: AttemptLog[] = [];
  const createdUnixSeconds = Math.floor(deps.now() / 1000);
  const { candidates } = input.route;
  let last: (NamedFailure & { candidate: Candidate }) | null = null;
  for (const candidate of candidates) {
    const { id: endpointId, modelSlug, providerSlug } = candidate.endpoint;
    if (last !== null && !failureRule(last.failure).mayFallBack && modelSlug === last.candidate.endpoint.modelSlug)
      continue;
    const provider = deps.providers.get(providerSlug);
    if (provider === undefined || input.caps?.has(endpointId) === false) continue;
    const failed = log.pop();
    if (failed !== undefined && last !== null) log.push(withLoss(failed, last.candidate.endpoint, input.prompt));
    const head = { id: input.generationId, model: modelSlug, provider: provider.name, createdUnixSeconds };
    const startedMs = deps.now();
    const result = await attemptOne(candidate, input, { deps, provider, context: { head, prompt: input.prompt } });
    if ('refusal' in result) {
      const refused = { end: 'upstream_error', error: result.refusal } as const;
      return { kind: 'failed', ...(cutEnd(input.life) ?? refused), candidate, log };
    }
    const failure = 'failure' in result ? result.failure : null;
    const outcome = failure?.kind ?? 'ok';
    log.push({
      endpointId,
      providerSlug,
      modelSlug,
      status: failure?.status ?? 200,
      outcome,
      latencyMs: deps.now() - startedMs,
      ...(typeof failure?.retryAfterSeconds === 'number' ? { retryAfterSeconds: failure.retryAfterSeconds } : {}),
    });
    deps.metrics.attempt(
      { provider: providerSlug, outcome: input.life.reason ?? outcome },
      (deps.now() - startedMs) / 1000,
    );
    if (!('failure' in result)) {
      const { health, now } = deps;
      const watch = new AnswerWatch({ endpointId, prompt: input.prompt, startedMs, health, now });
      if (provider.onCancel === 'bills_anyway') input.life.drainAfterCancel(deps.limits.drainAfterCancelMs);
      return { kind: 'answered', attempt: { candidate, provider, head, log, watch, answer: result.answer } };
    }
    const cut = cutEnd(input.life);
    if (cut !== null) return { kind: 'failed', ...cut, candidate, log };
    if (failureRule(result.failure).isOutage) deps.health.record(endpointId, { end: 'failed' });
    last = { candidate, failure: result.failure, providerName: provider.name };
  }
  return allFailed(last, { ...input, log }, deps);
}

function allFailed(
  last: (NamedFailure & { candidate: Candidate }) | null,
  { route, prompt, log }: AttemptInput & { readonly log: readonly AttemptLog[] },
  deps: Deps,
): AttemptResult {
  const candidate = last?.candidate ?? route.candidates[0];
  if (last === null) {
    const error = new AppError(
      'no_endpoint_available',
      `No provider can be called for ${candidate.endpoint.modelSlug}. Raise max_cost, or name models to fall back to in "models".`,
    );
    return { kind: 'failed', end: 'upstream_error', error, candidate, log };
  }
  const error = failureError(last, { log, prompt }, deps);
  const end = last.failure.kind === 'timeout' ? 'timeout' : 'upstream_error';
  return { kind: 'failed', end, error, candidate, log };
}

import { AppError, invariant, isAppError } from '@bourse/errors';
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
import type { ProviderResponse } from '../http/provider-call.ts';
import { firstByteTimeoutMs } from '../upstream/first-byte.ts';
import { failureOf } from './attempt-failure.ts';
import type { AttemptInput } from './attempt-input.ts';
import { LaneStream } from './lane-stream.ts';
import { promptFor } from './prompt-for.ts';

/** What an endpoint answers. Of a stream the first token is there; nothing of it has been sent. */
export type AttemptAnswer =
  | { readonly kind: 'body'; readonly body: AnswerBody | AnswerBody<Uint8Array> }
  | { readonly kind: 'stream'; readonly stream: LaneStream };

const BODY_BYTES_MAX = 64 * 1024 * 1024;
const ERROR_BYTES_MAX = 64 * 1024;

/** What came of one call. */
export type OneResult =
  | { readonly answer: AttemptAnswer }
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

/** Calls one endpoint and reads as far as tells whether it answers. */
export async function attemptOne(
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
  const headersMs = prompt.isStreamed
    ? firstByteTimeoutMs(deps.health.of(id).latencyMs, deps.limits.firstByteTimeoutMs)
    : deps.limits.wholeAnswerTimeoutMs;
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

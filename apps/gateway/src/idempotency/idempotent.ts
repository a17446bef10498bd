import type { IdempotencyClaim, IdempotencyScope, IdempotencyState } from '@bourse/db';
import { AppError, invariant, isAppError } from '@bourse/errors';
import type { Deps } from '../deps.ts';
import { authenticate, presentedKey } from '../generate/authenticate.ts';
import { bodyBytesMaxOf, readBytes } from '../generate/parse.ts';
import type { Answer, InferenceRequest } from '../generate/request.ts';
import { conflict, conflictOf } from './conflicts.ts';
import { keepAnswer } from './keep-answer.ts';
import { replayAnswer } from './replay-answer.ts';
import { parseIdempotencyKey, requestScope, type Secrets } from './request-scope.ts';
import { type OpenedAnswer, openAnswer, type SealPlace } from './sealed-answer.ts';

const LOOK_AGAIN_MS_FIRST = 50;
const LOOK_AGAIN_MS_MAX = 500;

/** A request with an Idempotency-Key as its route hands it over. */
export interface IdempotentRequest {
  readonly request: InferenceRequest;
  /** The header's value. */
  readonly idempotencyKey: string;
  /** The path behind `/api/v1`: the same body on another route is another request. */
  readonly route: string;
  /** Told as soon as it is known that the answer, or the refusal, belongs to a generation that began earlier. */
  readonly onGeneration: (generationId: string) => void;
  /** What is to happen once. */
  readonly run: (request: InferenceRequest, deps: Deps) => Promise<Answer>;
}

type Taken = Exclude<IdempotencyState, { readonly kind: 'free' | 'running' }>;

function assertWaiting(request: InferenceRequest, deps: Deps): void {
  if (request.hangUp.isSet) throw new AppError('request_timeout', 'The client closed the connection.');
  if (deps.draining.isSet)
    throw new AppError('service_unavailable', 'This server is shutting down; retry.', { retryAfterSeconds: 1 });
  if (deps.now() > request.receivedAtMs + deps.limits.totalTimeoutMs) throw conflict('idempotency_in_progress');
}

/** Becomes the owner of a request, or waits until its owner has ended it. Holds no connection while it waits. */
async function claimOrWait(
  scope: IdempotencyScope,
  input: { readonly request: InferenceRequest; readonly organizationId: string },
  deps: Deps,
): Promise<{ readonly claim: IdempotencyClaim } | { readonly taken: Taken }> {
  const { request, organizationId } = input;
  let lookAgainMs = LOOK_AGAIN_MS_FIRST;
  for (let state: IdempotencyState = { kind: 'free' }; ; state = await deps.claims.look(scope)) {
    if (state.kind !== 'free' && state.kind !== 'running') return { taken: state };
    assertWaiting(request, deps);
    if (state.kind === 'free') {
      const claim = await deps.claims.claim(scope, { organizationId, generationId: request.generationId });
      if (claim !== null) return { claim };
      continue;
    }
    await deps.claims.wait(scope, lookAgainMs, request.hangUp);
    lookAgainMs = Math.min(lookAgainMs * 2, LOOK_AGAIN_MS_MAX);
  }
}

function open(sealed: Uint8Array, secrets: Secrets, place: SealPlace & { deps: Deps }): OpenedAnswer {
  try {
    return openAnswer(sealed, secrets, place);
  } catch (cause) {
    // Authenticated encryption says no: the row was changed by something that is not us.
    place.deps.log.error('idempotency.unreadable', cause, { generationId: place.generationId });
    throw conflict('idempotency_answer_unreadable', cause);
  }
}

/** Nothing was charged for a refusal that we foresee, so its key is free; after a retake or a surprise only the same generation may go on. */
function endAfter(thrown: unknown, claim: IdempotencyClaim): { readonly state: 'freed' | 'abandoned' } {
  const isForeseen = isAppError(thrown) && thrown.code !== 'internal';
  return { state: isForeseen && !claim.isRetake ? 'freed' : 'abandoned' };
}

/**
 * A generation that happens once however often it is asked for: the same key and body again within a day get the first answer. Read with
 * `generate`, which does the work. Throws what that throws, 400 for a bad key, 409 for a conflict, and 503 when the database is away,
 * because then nothing can be promised.
 */
export async function idempotent(input: IdempotentRequest, deps: Deps): Promise<Answer> {
  const { request } = input;
  const { key } = await authenticate(request, 'inference.create', deps);
  request.pass.admit(key);
  const idempotencyKey = parseIdempotencyKey(input.idempotencyKey);
  const apiKey = presentedKey(request.header);
  invariant(apiKey !== null, 'authenticated without a key');
  const secrets: Secrets = { apiKey, idempotencyKey };
  const body = await readBytes(request, bodyBytesMaxOf(request, deps.limits));
  const contentType = request.header('content-type');
  const scope = requestScope({ secrets, apiKeyId: key.id, route: input.route, body, contentType });
  const { organizationId } = key;

  const found = await claimOrWait(scope, { request, organizationId }, deps);
  if ('taken' in found) {
    const { taken } = found;
    if (taken.kind === 'other_body') throw conflictOf(taken.kind);
    input.onGeneration(taken.generationId);
    if (taken.kind !== 'done') throw conflictOf(taken.kind);
    const { claimId, generationId, sealed } = taken;
    return replayAnswer(open(sealed, secrets, { organizationId, claimId, generationId, deps }));
  }

  const { claim } = found;
  const { generationId, isRetake } = claim;
  input.onGeneration(generationId);
  try {
    const answer = await input.run({ ...request, generationId, isRetake, readBody: async () => body }, deps);
    return await keepAnswer({ claims: deps.claims, claim, secrets }, answer);
  } catch (thrown) {
    await deps.claims.end(claim, endAfter(thrown, claim));
    throw thrown;
  }
}

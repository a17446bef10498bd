import { AppError, invariant } from '@bourse/errors';
import type { Prompt, WireFormatId } from '@bourse/generation';
import type { Deps } from '../deps.ts';
import { authenticate, type Caller, presentedKey } from '../generate/authenticate.ts';
import { generate } from '../generate/generate.ts';
import { bodyBytesMaxOf, parse, readBytes } from '../generate/parse.ts';
import type { Answer, Ended, InferenceRequest } from '../generate/request.ts';
import { tapAnswer } from '../http/tap-answer.ts';
import { KEPT_BYTES_MAX } from '../idempotency/keep-answer.ts';
import { hashBody } from '../idempotency/request-scope.ts';
import { within } from '../within.ts';
import type { CacheWish } from './cache-wish.ts';
import { recordHit } from './record-hit.ts';
import { replay } from './replay.ts';
import type { AnswerName, CallEnd, Kept } from './response-cache.ts';
import type { KeptSource } from './stored-answer.ts';

/** What is worth keeping is text that a prompt decides; sound and pictures are large and asked for once. */
const KEPT: ReadonlySet<WireFormatId> = new Set([
  'openai-chat',
  'openai-completions',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'openai-embeddings',
]);

/** A request that asks for the response cache. */
export interface CachedRequest {
  readonly request: InferenceRequest;
  readonly wish: CacheWish;
  /** Names route, model and mode where the URL says them: the same body elsewhere is another request. */
  readonly route: string;
}

/** A header under both names, ours and OpenRouter's. */
function told(name: string, value: string): Readonly<Record<string, string>> {
  return { [`x-bourse-cache-${name}`]: value, [`x-openrouter-cache-${name}`]: value };
}

const seconds = (ms: number): string => String(Math.floor(ms / 1000));

function withHeaders(answer: Answer, headers: Readonly<Record<string, string>>): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

/** Whoever wants no provider to keep it does not want us to keep it. */
function isPrivate({ preferences }: Prompt): boolean {
  return preferences.zdr === true || preferences.dataCollection === 'deny';
}

/** One request on its way through the cache. */
interface Asking {
  readonly request: InferenceRequest;
  readonly wish: CacheWish;
  readonly caller: Caller;
  readonly prompt: Prompt;
  readonly name: AnswerName;
}

async function hit(kept: Kept, { request, caller, prompt }: Asking, deps: Deps): Promise<Answer> {
  const { generationId, wire } = request;
  const headers = {
    ...told('status', 'HIT'),
    ...told('age', seconds(kept.ageMs)),
    ...told('ttl', seconds(kept.ttlMs)),
    ...told('source-id', kept.source.generationId),
  };
  const answer = replay(kept, { generationId, wire, prompt, nowMs: deps.now() }, headers);
  deps.metrics.cached('hit');
  await recordHit({ request, caller, prompt, source: kept.source }, deps);
  return answer;
}

function sourceOf(generationId: string, { source }: Ended, deps: Deps): KeptSource | null {
  if (source === undefined) return null;
  const { endpoint } = source.candidate;
  return {
    generationId,
    modelSlug: endpoint.modelSlug,
    providerSlug: endpoint.providerSlug,
    providerName: deps.providers.get(endpoint.providerSlug)?.name ?? endpoint.providerSlug,
    endpointId: endpoint.id,
    finishReason: source.metered.finishReason,
    nativeFinishReason: source.metered.nativeFinishReason,
  };
}

/** Whether the call of this request counts for others as one that its client left, or that failed. */
const endWithout = ({ hangUp }: InferenceRequest): CallEnd => (hangUp.isSet ? 'left' : 'failed');

/** Asks a provider, and keeps the answer if it comes whole. Others of the same name wait for `end`. */
async function miss({ request, wish, name }: Asking, end: (how: CallEnd) => void, deps: Deps): Promise<Answer> {
  try {
    const answer = await generate(request, deps);
    const tapped = await tapAnswer(answer, {
      bytesMax: KEPT_BYTES_MAX,
      async onEnd(body, ended) {
        const source = ended?.isWhole ? sourceOf(request.generationId, ended, deps) : null;
        const { kind, headers } = answer;
        const isKept =
          body !== null &&
          source !== null &&
          deps.cache.keep(name, { kind, headers, body }, { source, ttlMs: wish.ttlMs });
        end(isKept ? 'kept' : endWithout(request));
      },
    });
    deps.metrics.cached('miss');
    return withHeaders(tapped, { ...told('status', 'MISS'), ...told('ttl', seconds(wish.ttlMs)) });
  } catch (thrown) {
    end(endWithout(request));
    throw thrown;
  }
}

/** The call that others wait for: from another gateway's memory, or by asking a provider. */
async function lead(asking: Asking, deps: Deps): Promise<Answer> {
  const { cache } = deps;
  const { name, wish } = asking;
  const end = cache.begin(name);
  const shared = wish.isCleared ? null : await cache.findShared(name);
  if (shared === null) return miss(asking, end, deps);
  end('kept');
  return hit(shared, asking, deps);
}

/** Longer than most answers take, and shorter than clients and proxies wait for a first byte. */
const PATIENCE_MS = 60_000;

/** How the call that runs ended; `failed` also when there is no use in waiting for it any longer. */
async function waitFor(running: Promise<CallEnd>, { request }: Asking, deps: Deps): Promise<CallEnd> {
  const { hangUp, receivedAtMs } = request;
  const { promise: cut, resolve } = Promise.withResolvers<CallEnd>();
  const onCut = (): void => resolve('failed');
  hangUp.listen(onCut);
  deps.draining.listen(onCut);
  const patienceMs = Math.max(0, receivedAtMs + PATIENCE_MS - deps.now());
  const end = await within(Promise.race([running, cut]), patienceMs, 'failed' as const);
  hangUp.forget(onCut);
  deps.draining.forget(onCut);
  if (hangUp.isSet) throw new AppError('request_timeout', 'The client closed the connection.');
  return end;
}

/**
 * From the cache, by waiting for a call that is the same, or by making it. A call that failed is nobody else's: who waited asks by
 * himself, all at once as if they had never waited. One that its client left is taken over by one of those who waited.
 */
async function answerFor(asking: Asking, deps: Deps): Promise<Answer> {
  const { cache } = deps;
  const { name, wish } = asking;
  if (wish.isCleared) {
    cache.forget(name);
    return lead(asking, deps);
  }
  for (;;) {
    const kept = cache.find(name);
    if (kept !== null) return hit(kept, asking, deps);
    const running = cache.running(name);
    if (running === null) return lead(asking, deps);
    const end = await waitFor(running, asking, deps);
    if (end === 'failed') return miss(asking, () => undefined, deps);
  }
}

/**
 * A generation whose answer may be one that was given before: to the same API key, for the same bytes, on the same route. Read with
 * `generate`, which makes the others. Throws what that throws.
 */
export async function cached({ request, wish, route }: CachedRequest, deps: Deps): Promise<Answer> {
  if (!KEPT.has(request.wire.id) || !deps.cache.isOn) return generate(request, deps);
  const caller = await authenticate(request, 'inference.create', deps);
  request.pass.admit(caller.key);
  const apiKey = presentedKey(request.header);
  invariant(apiKey !== null, 'authenticated without a key');
  const body = await readBytes(request, bodyBytesMaxOf(request, deps.limits));
  const asked = { ...request, readBody: async () => body };
  const prompt = await parse(asked, deps.limits);
  if (isPrivate(prompt)) return withHeaders(await generate(asked, deps), told('status', 'BYPASS'));
  const { organizationId, id } = caller.key;
  const scope = `${organizationId} ${id} ${prompt.isStreamed ? 'stream' : 'whole'} ${route}`;
  const hash = hashBody({ apiKey, route: scope, body, contentType: request.header('content-type') }, 'response-cache');
  return answerFor({ request: asked, wish, caller, prompt, name: { organizationId, apiKey, hash } }, deps);
}

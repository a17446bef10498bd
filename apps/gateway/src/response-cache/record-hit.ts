import type { GenerationRecord } from '@bourse/db';
import type { Prompt } from '@bourse/generation';
import { nanodollars } from '@bourse/money';
import type { Deps } from '../deps.ts';
import type { Caller } from '../generate/authenticate.ts';
import { attributionOf, recordCall } from '../generate/record-call.ts';
import type { InferenceRequest } from '../generate/request.ts';
import type { KeptSource } from './stored-answer.ts';

const NOTHING = nanodollars(0n);

/** How a record names the generation that its answer came from. */
const FLAG = 'cache_source:';

/** The generation that the answer of a hit came from, by its flags; null for one that was made. */
export function cacheSourceOf(flags: readonly string[]): string | null {
  return flags.find((flag) => flag.startsWith(FLAG))?.slice(FLAG.length) ?? null;
}

/** Who got an answer that was kept. */
export interface Hit {
  readonly request: InferenceRequest;
  readonly caller: Caller;
  readonly prompt: Prompt;
  readonly source: KeptSource;
}

/** Writes a hit into the books: a generation like any other, that counted and cost nothing. Resolves when that is durable. */
export async function recordHit(hit: Hit, deps: Deps): Promise<void> {
  const { request, source } = hit;
  const app = attributionOf(request);
  const appId = await deps.apps.resolve(app);
  const record: GenerationRecord = {
    ...recordCall(hit, { app, appId }),
    modelSlug: source.modelSlug,
    providerSlug: source.providerSlug,
    endpointId: source.endpointId,
    upstreamId: null,
    isCancelled: false,
    end: 'finished',
    finishReason: source.finishReason,
    nativeFinishReason: source.nativeFinishReason,
    usage: {},
    inputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    cachedTokens: 0,
    basis: 'none',
    flags: [`${FLAG}${source.generationId}`],
    receipt: null,
    attempts: [],
    latencyMs: deps.now() - request.receivedAtMs,
    generationMs: 0,
    errorCode: null,
  };
  const charge = { record, charge: NOTHING, cost: NOTHING, providerSlug: source.providerSlug, losses: [] };
  await deps.books.close({ charge, slice: null });
}

import { AppError } from '@bourse/errors';
import type { Prompt } from '@bourse/generation';
import type { Candidate } from '@bourse/routing';
import type { ProviderFailure } from '@bourse/wire';
import type { Deps } from '../deps.ts';
import { explainFailed } from '../explain/availability.ts';
import { type AttemptLog, failureRule } from './attempt-failure.ts';

/** What a provider did, as what follows its name. */
const SENTENCES: Readonly<Record<ProviderFailure['kind'], string>> = {
  invalid_request: 'refused the request',
  context_length_exceeded: 'refused the request',
  unauthenticated: 'refused the key that it was called with',
  payment_required: 'refused the account that it was called with',
  forbidden: 'refused the key that it was called with',
  not_found: 'does not serve it now',
  rate_limited: 'is at its own rate limit',
  overloaded: 'is overloaded',
  server_error: 'failed',
  timeout: 'did not answer in time',
  connection_failed: 'closed the connection',
  invalid_response: 'sent an answer that could not be read',
};

/** These speak of a key or an account: not a word of what the provider says of it is passed on. */
const OF_ACCOUNT: ReadonlySet<ProviderFailure['kind']> = new Set(['unauthenticated', 'payment_required', 'forbidden']);

/** A failure with the provider's name, and the model that was asked of it. */
export interface NamedFailure {
  readonly failure: ProviderFailure;
  readonly providerName: string;
  readonly candidate: Pick<Candidate, 'endpoint' | 'credential'>;
}

function causeOf({ failure, providerName, candidate }: NamedFailure): string {
  const cause = `${providerName} ${SENTENCES[failure.kind]} (${candidate.endpoint.modelSlug})`;
  const isTold = failureRule(failure).isQuotable && failure.message !== '';
  return isTold ? `${cause}: ${failure.message}` : `${cause}.`;
}

function metadataOf({ failure, providerName, candidate }: NamedFailure, earlier: readonly AttemptLog[]) {
  const isTold = !OF_ACCOUNT.has(failure.kind);
  return {
    provider_name: providerName,
    model: candidate.endpoint.modelSlug,
    is_byok: candidate.credential !== null,
    ...(isTold && failure.code !== null ? { provider_code: failure.code } : {}),
    // Cleaned of keys, accounts and addresses where it was read, and cut to 500 characters.
    ...(isTold && failure.message !== '' ? { raw: failure.message } : {}),
    ...(failure.kind === 'rate_limited' ? { limit_source: 'upstream' } : {}),
    previous_errors: earlier.map(({ providerSlug, outcome, status }) => ({
      provider: providerSlug,
      code: outcome,
      status,
    })),
  };
}

/** The error of an answer that broke off behind its first token: there is no way back. */
export function brokenError(named: NamedFailure): AppError {
  const { failure } = named;
  return new AppError(failureRule(failure).code, causeOf(named), {
    metadata: metadataOf(named, []),
    detail: `${failure.kind} ${failure.status} ${failure.message}`,
    ...(failure.retryAfterSeconds === null ? {} : { retryAfterSeconds: failure.retryAfterSeconds }),
  });
}

/** Which settings of the request kept others from being asked, or would have let them. */
function widenings({ preferences, modelFallbacks }: Prompt): readonly string[] {
  const { allowFallbacks, only = [], ignore = [] } = preferences;
  return [
    ...(allowFallbacks === false ? ['set provider.allow_fallbacks to true'] : []),
    ...(only.length > 0 ? ['add providers to provider.only'] : []),
    ...(ignore.length > 0 ? ['remove providers from provider.ignore'] : []),
    modelFallbacks.length > 0 ? 'name other models in "models"' : 'name models to fall back to in "models"',
  ];
}

function adviceFor({ kind }: ProviderFailure, prompt: Prompt, retryAfterSeconds: number | null): string {
  const widened = widenings(prompt).join(', or ');
  if (kind === 'context_length_exceeded') {
    return 'Shorten the messages, lower max_tokens, or name a model with a longer context in "models".';
  }
  if (kind === 'invalid_request') return `Change what it names, or ${widened}.`;
  return `Retry${retryAfterSeconds === null ? '' : ` after ${retryAfterSeconds} s`}, or ${widened}.`;
}

/** The error when nobody was asked: what was planned was stopped meanwhile, or is dearer than the money that was there. */
export function nobodyError(
  { endpoint: { modelSlug, providerSlug } }: Pick<Candidate, 'endpoint'>,
  { prompt, isStopped }: { readonly prompt: Prompt; readonly isStopped: boolean },
  deps: Pick<Deps, 'dashboardUrl'>,
): AppError {
  const availability = explainFailed([{ providerSlug, outcome: 'stopped' }], { prompt, retryAfterSeconds: null }, deps);
  const message = `Nobody can be called for ${modelSlug} any more. Retry, raise max_cost, or name models to fall back to in "models".`;
  const excluded = isStopped ? { excluded_by: ['stopped'] } : {};
  return new AppError('no_endpoint_available', message, { metadata: { ...excluded, availability } });
}

/** The shortest wait that providers gave, when each of them gave one (reference: OpenRouter's rule for Retry-After, 2026-08). */
function shortestWait(log: readonly AttemptLog[]): number | null {
  const waits = log.flatMap(({ retryAfterSeconds }) => (retryAfterSeconds === undefined ? [] : [retryAfterSeconds]));
  return waits.length > 0 && waits.length === log.length ? Math.min(...waits) : null;
}

/**
 * The error when no attempt gave a first token: that of the last one, those before it in `previous_errors`. `log` has all of them. It says
 * who failed and how, and which setting of the request would let others try; `availability` says the same to programs, unless the request
 * itself was refused.
 */
export function failureError(
  named: NamedFailure,
  { log, prompt }: { readonly log: readonly AttemptLog[]; readonly prompt: Prompt },
  deps: Pick<Deps, 'dashboardUrl'>,
): AppError {
  const { failure } = named;
  const rule = failureRule(failure);
  const earlier = log.slice(0, -1);
  const retryAfterSeconds = shortestWait(log);
  const before = earlier.length === 0 ? '' : ` ${earlier.length} before it failed, too.`;
  const isRefused = rule.isQuotable;
  return new AppError(rule.code, `${causeOf(named)}${before} ${adviceFor(failure, prompt, retryAfterSeconds)}`, {
    metadata: {
      ...metadataOf(named, earlier),
      ...(isRefused ? {} : { availability: explainFailed(log, { prompt, retryAfterSeconds }, deps) }),
    },
    detail: `${failure.kind} ${failure.status} ${failure.message}`,
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
  });
}

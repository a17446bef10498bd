import type { ProviderFailure } from '@bourse/wire';
import { describe, expect, test } from 'vitest';
import type { AttemptLog } from './attempt-failure.ts';
import { brokenError, failureError, type NamedFailure, nobodyError } from './failure-error.ts';

const deps = { dashboardUrl: 'https://bourse.test' };
const asked = { model: 'maker/one', modelFallbacks: [], preferences: {} };

function named(kind: ProviderFailure['kind'], failure: Partial<ProviderFailure> = {}): NamedFailure {
  return {
    failure: { kind, status: 500, message: 'their own words', code: 'their_code', retryAfterSeconds: null, ...failure },
    providerName: 'North',
    // Only the model's name and the credential are read of it.
    candidate: { endpoint: { modelSlug: 'maker/one' }, credential: null } as NamedFailure['candidate'],
  };
}

function attempt(outcome: AttemptLog['outcome'], rest: Partial<AttemptLog> = {}): AttemptLog {
  const call = { endpointId: 'maker/one@north', providerSlug: 'north', modelSlug: 'maker/one' };
  return { ...call, status: 429, latencyMs: 5, outcome, ...rest };
}

function errorOf(failure: NamedFailure, log: readonly AttemptLog[], prompt: object = asked) {
  // Of a prompt only what it asked for is read.
  const context = { log, prompt: prompt as Parameters<typeof failureError>[1]['prompt'] };
  return failureError(failure, context, deps);
}

const kinds = [
  ['invalid_request', 400],
  ['context_length_exceeded', 400],
  ['unauthenticated', 502],
  ['payment_required', 502],
  ['forbidden', 502],
  ['not_found', 502],
  ['rate_limited', 429],
  ['overloaded', 503],
  ['server_error', 502],
  ['timeout', 504],
  ['connection_failed', 502],
  ['invalid_response', 502],
] as const satisfies readonly (readonly [ProviderFailure['kind'], number])[];

describe('an error of attempts that all failed', () => {
  test.each(kinds)('%s names the provider, what it did, and the setting to change', (kind, status) => {
    const { message, metadata, rule } = errorOf(named(kind), [attempt(kind)]);
    expect(rule.status).toBe(status);
    expect(message).toMatch(/^North [a-z ]+ \(maker\/one\)[.:]/);
    expect(message).toContain('"models"');
    expect(metadata).toMatchObject({ provider_name: 'North', model: 'maker/one', is_byok: false, previous_errors: [] });
  });

  test.each([
    [{ allowFallbacks: false }, 'provider.allow_fallbacks'],
    [{ only: ['north'] }, 'provider.only'],
    [{ ignore: ['south'] }, 'provider.ignore'],
  ])('%o: the setting that kept others away is named', (preferences, setting) => {
    expect(errorOf(named('overloaded'), [attempt('overloaded')], { ...asked, preferences }).message).toContain(setting);
  });

  test.each(['unauthenticated', 'payment_required', 'forbidden'] as const)(
    '%s: not a word of what the provider says of our account',
    (kind) => {
      const error = errorOf(named(kind), [attempt(kind)]);
      expect(JSON.stringify([error.message, error.metadata])).not.toMatch(/their/);
    },
  );

  test("the provider's words and code are there for everything else", () => {
    const { metadata } = errorOf(named('server_error'), [attempt('server_error')]);
    expect(metadata).toMatchObject({ raw: 'their own words', provider_code: 'their_code' });
  });

  test("a provider's rate limit says that it is not ours", () => {
    const { metadata, message } = errorOf(named('rate_limited'), [attempt('rate_limited')]);
    expect(metadata['limit_source']).toBe('upstream');
    expect(message).toContain('is at its own rate limit');
  });

  test('those before the last are listed without their words', () => {
    const log = [attempt('timeout', { providerSlug: 'south', status: 0 }), attempt('overloaded')];
    const { metadata, message } = errorOf(named('overloaded'), log);
    expect(metadata['previous_errors']).toEqual([{ provider: 'south', code: 'timeout', status: 0 }]);
    expect(message).toContain('1 before it failed, too.');
  });
});

describe('availability', () => {
  const limited = (retryAfterSeconds?: number) =>
    attempt('rate_limited', retryAfterSeconds === undefined ? {} : { retryAfterSeconds });

  test('is capacity_exhausted when each of them was at a rate limit, with the shortest wait when all gave one', () => {
    const error = errorOf(named('rate_limited'), [limited(30), limited(12)]);
    expect(error.retryAfterSeconds).toBe(12);
    expect(error.metadata['availability']).toEqual({
      code: 'capacity_exhausted',
      retryable: true,
      retry_after: 12,
      requested_models: ['maker/one'],
      affected_providers: ['north'],
      docs_url: 'https://bourse.test/docs#capacity_exhausted',
    });
    expect(error.message).toContain('Retry after 12 s');
  });

  test('has no wait when one of them gave none', () => {
    const error = errorOf(named('rate_limited'), [limited(30), limited()]);
    expect(error.retryAfterSeconds).toBeUndefined();
    expect(error.metadata['availability']).not.toHaveProperty('retry_after');
  });

  test('is temporarily_unavailable when they failed in different ways', () => {
    const { metadata } = errorOf(named('server_error'), [limited(30), attempt('server_error')]);
    expect(metadata['availability']).toMatchObject({ code: 'temporarily_unavailable', retryable: true });
  });

  test('is absent where the request itself was refused', () => {
    expect(errorOf(named('invalid_request'), [attempt('invalid_request')]).metadata).not.toHaveProperty('availability');
  });
});

test('an answer that broke off names the provider and speaks of no way back', () => {
  const { message, metadata } = brokenError(named('connection_failed', { message: '' }));
  expect(message).toBe('North closed the connection (maker/one).');
  expect(metadata).not.toHaveProperty('availability');
  expect(metadata).not.toHaveProperty('raw');
});

test('when nobody could be asked any more the error says what to change', () => {
  const { candidate } = named('overloaded');
  // Of a prompt only what it asked for is read.
  const prompt = asked as unknown as Parameters<typeof nobodyError>[1]['prompt'];
  const error = nobodyError(candidate, { prompt, isStopped: true }, deps);
  expect(error.rule.status).toBe(503);
  expect(error.message).toMatch(/max_cost.*"models"/);
  expect(error.metadata['availability']).toMatchObject({ code: 'temporarily_unavailable', retryable: true });
  expect(error.metadata['excluded_by']).toEqual(['stopped']);
  expect(nobodyError(candidate, { prompt, isStopped: false }, deps).metadata).not.toHaveProperty('excluded_by');
});

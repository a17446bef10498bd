import type { ApiKeySnapshot, OrganizationLimits } from '@bourse/db';
import { type AppError, isAppError } from '@bourse/errors';
import { nanodollarsFromUsd } from '@bourse/money';
import { describe, expect, test } from 'vitest';
import { Admission } from './admission.ts';
import type { AdmissionSettings } from './rules.ts';

const settings: AdmissionSettings = {
  addressPerSecond: 60,
  failedAuthenticationsPerMinute: 10,
  keyRequestsPerMinute: 60,
  organizationRequestsPerMinute: 120,
  organizationTokensPerMinute: 100_000,
  organizationStreams: 4,
  freeRequestsPerMinute: 20,
  freeRequestsPerDay: 50,
  freeRequestsPerDayPaid: 1_000,
};

const noLimits: OrganizationLimits = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  streams: null,
  freeRequestsPerMinute: null,
  freeRequestsPerDay: null,
};

/** Noon of a day. */
const NOON_MS = 20_000 * 86_400_000 + 43_200_000;

function key(id: string, facts: Partial<ApiKeySnapshot> = {}): ApiKeySnapshot {
  return {
    id,
    organizationId: 'org_1',
    kind: 'inference',
    name: id,
    label: 'sk-brs-v1-abc...xyz',
    hash: id,
    limit: null,
    limitReset: null,
    includeByokInLimit: false,
    disabledAt: null,
    expiresAt: null,
    createdAt: new Date(0),
    createdByUserId: null,
    organizationIsFrozen: false,
    organizationIsDemo: false,
    requestsPerMinute: null,
    organizationLimits: noLimits,
    organizationPurchased: nanodollarsFromUsd('0'),
    freeRequests: { day: 20_000, count: 0 },
    ...facts,
  };
}

function admissionAt(changes: Partial<AdmissionSettings> = {}) {
  const clock = { ms: NOON_MS };
  const refused: string[] = [];
  const admission = new Admission({
    settings: { ...settings, ...changes },
    trustedProxies: ['127.0.0.0/8'],
    refused: (reason) => refused.push(reason),
    alone: () => undefined,
    shared: null,
    nodes: 1,
    loopDelayMs: 0,
    now: () => clock.ms,
    nowUs: () => clock.ms * 1_000,
    draw: () => 0,
  });
  let count = 0;
  /** One request from beginning to end, or why there was none. */
  const ask = (of: ApiKeySnapshot, weight = { tokens: 100, isFree: false }): 'ok' | AppError => {
    count += 1;
    const pass = admission.pass(`req_${count}`);
    try {
      pass.admit(of);
      void pass.weigh(weight);
      pass.spend(weight.tokens);
      return 'ok';
    } catch (thrown) {
      if (isAppError(thrown)) return thrown;
      throw thrown;
    } finally {
      pass.leave();
    }
  };
  const granted = (of: ApiKeySnapshot, times: number, weight?: { tokens: number; isFree: boolean }): number =>
    Array.from({ length: times }, () => ask(of, weight)).filter((answer) => answer === 'ok').length;
  return { admission, clock, ask, granted, refused };
}

describe('requests', () => {
  test('a key has its burst and its rate, and another key of the organization has its own', () => {
    const { clock, granted } = admissionAt();
    expect(granted(key('a'), 20)).toBe(6);
    clock.ms += 1_000;
    expect(granted(key('a'), 20)).toBe(1);
    expect(granted(key('b'), 20)).toBe(6);
  });

  test('keys do not help against the limit of their organization, and another organization has its own', () => {
    const { granted, ask } = admissionAt();
    const keys = Array.from({ length: 10 }, (_, index) => key(`k${index}`));
    expect(keys.reduce((sum, each) => sum + granted(each, 5), 0)).toBe(12);
    expect(ask(key('new'))).toMatchObject({ metadata: { limit_source: 'organization_requests' } });
    expect(granted(key('other', { organizationId: 'org_2' }), 20)).toBe(6);
  });

  test('what is refused by one limit takes nothing of another', () => {
    const { granted, clock } = admissionAt({ organizationRequestsPerMinute: 60, keyRequestsPerMinute: 6_000 });
    expect(granted(key('a'), 1_000)).toBe(6);
    clock.ms += 60_000;
    // 994 refusals of the organization would else have emptied the key's own limit of 600 at once.
    expect(
      granted(key('a', { organizationId: 'org_2', organizationLimits: { ...noLimits, requestsPerMinute: 0 } }), 700),
    ).toBe(600);
  });

  test('a key and an organization may have limits of their own, and none at all', () => {
    const { granted } = admissionAt();
    const own = { ...noLimits, requestsPerMinute: 0, tokensPerMinute: 0 };
    expect(granted(key('a', { requestsPerMinute: 600, organizationLimits: own }), 100)).toBe(60);
    expect(granted(key('b', { requestsPerMinute: 0, organizationLimits: own }), 10_000)).toBe(10_000);
    expect(
      granted(
        key('c', {
          requestsPerMinute: 0,
          organizationLimits: { ...noLimits, requestsPerMinute: 300 },
          organizationId: 'org_3',
        }),
        100,
      ),
    ).toBe(30);
  });

  test('the refusal says when, and the headers of a success tell of the nearer limit', () => {
    const { admission, ask, granted } = admissionAt();
    const pass = admission.pass('req_x');
    pass.admit(key('a'));
    expect(pass.headers).toEqual({
      'x-ratelimit-limit': '60',
      'x-ratelimit-remaining': '5',
      'x-ratelimit-reset': String(NOON_MS + 1_000),
    });
    granted(key('a'), 10);
    expect(ask(key('a'))).toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 1,
      metadata: {
        limit_source: 'key_requests',
        headers: {
          'X-RateLimit-Limit': '60',
          'X-RateLimit-Remaining': '0',
          'X-RateLimit-Reset': String(NOON_MS + 6_000),
        },
      },
    });
  });
});

describe('requests that run at once', () => {
  test('are so many, and an end makes room for a beginning', () => {
    const { admission, ask } = admissionAt();
    const running = Array.from({ length: 4 }, (_, index) => {
      const pass = admission.pass(`r${index}`);
      pass.admit(key('a'));
      return pass;
    });
    expect(ask(key('b'))).toMatchObject({ metadata: { limit_source: 'organization_streams' }, retryAfterSeconds: 1 });
    running[0]?.leave();
    running[0]?.leave();
    expect(ask(key('b'))).toBe('ok');
    const again = admission.pass('again');
    again.admit(key('b'));
    expect(ask(key('b'))).toMatchObject({ metadata: { limit_source: 'organization_streams' } });
  });
});

describe('tokens', () => {
  test('are taken as they may be used, and given back as they were not', () => {
    const { admission, ask } = admissionAt();
    const pass = admission.pass('big');
    pass.admit(key('a'));
    void pass.weigh({ tokens: 90_000, isFree: false });
    expect(ask(key('b'), { tokens: 20_000, isFree: false })).toMatchObject({
      metadata: { limit_source: 'organization_tokens', headers: { 'X-RateLimit-Limit': '100000' } },
    });
    pass.spend(1_000);
    expect(ask(key('b'), { tokens: 20_000, isFree: false })).toBe('ok');
    pass.leave();
    expect(ask(key('b'), { tokens: 80_000, isFree: false })).toMatchObject({ code: 'rate_limited' });
  });

  test('of an answer that never was are given back whole', () => {
    const { admission, ask } = admissionAt();
    const pass = admission.pass('big');
    pass.admit(key('a'));
    void pass.weigh({ tokens: 100_000, isFree: false });
    pass.leave();
    expect(ask(key('b'), { tokens: 100_000, isFree: false })).toBe('ok');
  });

  test('that were used beyond what was taken are owed, also when they are counted late', () => {
    const { admission, ask } = admissionAt();
    const pass = admission.pass('late');
    pass.admit(key('a'));
    void pass.weigh({ tokens: 1_000, isFree: false });
    pass.leave();
    pass.spend(95_000);
    expect(ask(key('b'), { tokens: 10_000, isFree: false })).toMatchObject({ code: 'rate_limited' });
  });
});

describe('free models', () => {
  const free = { tokens: 100, isFree: true };
  const wide = { keyRequestsPerMinute: 0, organizationRequestsPerMinute: 0 };

  test('take twenty requests a minute from an organization, whichever keys it uses', () => {
    const { granted, ask } = admissionAt(wide);
    expect(granted(key('a'), 3, free) + granted(key('b'), 10, free)).toBe(5);
    expect(ask(key('c'), free)).toMatchObject({ message: expect.stringContaining('free-models-per-min') });
    expect(ask(key('c'))).toBe('ok');
  });

  test('take fifty requests a day, and a thousand from those who ever bought credits for ten dollars', () => {
    const { granted, ask, clock } = admissionAt({ ...wide, freeRequestsPerMinute: 0 });
    expect(granted(key('a'), 100, free)).toBe(50);
    expect(ask(key('a'), free)).toMatchObject({
      retryAfterSeconds: 43_200,
      message: expect.stringContaining('free-models-per-day'),
    });
    const paid = { organizationId: 'org_2', organizationPurchased: nanodollarsFromUsd('10') };
    expect(granted(key('b', paid), 2_000, free)).toBe(1_000);
    clock.ms += 43_200_000;
    expect(granted(key('a'), 100, free)).toBe(50);
  });

  test('what the books know of the day counts, also after a restart and from other gateways', () => {
    const { granted } = admissionAt({ ...wide, freeRequestsPerMinute: 0 });
    expect(granted(key('a', { freeRequests: { day: 20_000, count: 48 } }), 10, free)).toBe(2);
    expect(granted(key('b', { organizationId: 'org_2', freeRequests: { day: 19_999, count: 48 } }), 100, free)).toBe(
      50,
    );
  });
});

describe('addresses', () => {
  test('have sixty requests a second and twice that at once; our own infrastructure has no limit', () => {
    const { admission, clock } = admissionAt();
    const granted = (address: string | null, times: number): number =>
      Array.from({ length: times }, () => admission.turnAway(address)).filter((refusal) => refusal === null).length;
    expect(granted('203.0.113.7', 500)).toBe(120);
    clock.ms += 1_000;
    // A sixtieth of a second is no whole number of microseconds.
    expect(granted('203.0.113.7', 500)).toBe(59);
    expect(granted(null, 500)).toBe(500);
    expect(admission.turnAway('203.0.113.7')).toMatchObject({ metadata: { limit_source: 'address_requests' } });
  });

  test('that send wrong keys are told so ten times, and then to wait', () => {
    const { admission, clock } = admissionAt();
    const address = '203.0.113.7';
    for (let count = 0; count < 10; count += 1) {
      expect(admission.suspicion(address)).toBeNull();
      expect(admission.authenticationFailed(address)).toBeNull();
    }
    expect(admission.suspicion(address)).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 6 });
    expect(admission.authenticationFailed(address)).toMatchObject({ code: 'rate_limited' });
    expect(admission.suspicion('203.0.113.8')).toBeNull();
    clock.ms += 6_000;
    expect(admission.suspicion(address)).toBeNull();
  });
});

test('limits of 0 are none', () => {
  const none = Object.fromEntries(Object.keys(settings).map((name) => [name, 0])) as unknown as AdmissionSettings; // its members are all numbers
  const { admission, granted } = admissionAt(none);
  expect(granted(key('a'), 1_000, { tokens: 1_000_000, isFree: true })).toBe(1_000);
  expect(Array.from({ length: 1_000 }, () => admission.turnAway('203.0.113.7')).every((each) => each === null)).toBe(
    true,
  );
  expect(
    Array.from({ length: 100 }, () => admission.authenticationFailed('203.0.113.7')).every((each) => each === null),
  ).toBe(true);
});

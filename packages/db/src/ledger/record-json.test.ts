import { nanodollars, picodollarsPerUnit } from '@bourse/money';
import { expect, test } from 'vitest';
import type { SettleRequest } from '../contract.ts';
import { recordToJson, settleRequestFromJson, settleRequestToJson } from './record-json.ts';

const request: SettleRequest = {
  charge: nanodollars(9_007_199_254_740_993n), // more than a JSON number can say
  cost: nanodollars(0n),
  providerSlug: 'sandbox-north',
  record: {
    id: 'gen-1764000000-aaaaaaaaaaaaaaaaaaaa',
    organizationId: 'org_1',
    apiKeyId: 'key_1',
    appId: null,
    requestId: 'req_1',
    modelRequested: 'a/b',
    modelSlug: 'a/b',
    providerSlug: 'sandbox-north',
    endpointId: 'a/b@sandbox-north',
    upstreamId: null,
    isStreamed: true,
    isCancelled: false,
    end: 'finished',
    finishReason: 'stop',
    nativeFinishReason: null,
    usage: { input: 1 },
    inputTokens: 1,
    outputTokens: 0,
    reasoningTokens: 0,
    cachedTokens: 0,
    basis: 'reported',
    flags: [],
    receipt: {
      lines: [{ meter: 'input', quantity: 1, price: picodollarsPerUnit(9_007_199_254_740_993n) }],
      priceSheetId: 's',
      markupBps: 0,
      rounding: 'x',
    },
    attempts: [{ status: 200 }],
    latencyMs: 1,
    generationMs: 2,
    httpReferer: null,
    origin: null,
    userAgent: null,
    endUser: null,
    sessionId: null,
    isDemo: false,
    errorCode: null,
    createdAt: new Date('2026-11-22T10:00:00.123Z'),
  },
};

test('a settle request comes back from a line of text as it went in, to the nanodollar', () => {
  const line = settleRequestToJson(request);
  expect(line).not.toContain('\n');
  expect(settleRequestFromJson(line)).toEqual(request);
});

test('what goes to the database is the same from a spool as from memory', () => {
  expect(recordToJson(settleRequestFromJson(settleRequestToJson(request)).record)).toBe(recordToJson(request.record));
});

test.for([
  'null',
  '{}',
  '{"charge":"1"}',
  settleRequestToJson(request).replace('"cost":"0"', '"cost":"-1"'),
  settleRequestToJson(request).replace('2026-11', 'x'),
])('a line that is not a settle request is refused: %s', (line) => {
  expect(() => settleRequestFromJson(line)).toThrow(expect.objectContaining({ code: 'internal' }));
});

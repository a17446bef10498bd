import { picodollarsPerUnit } from '@bourse/money';
import { expect, test } from 'vitest';
import type { GenerationRecord } from '../contract.ts';
import { recordToJson } from './record-json.ts';

const record: GenerationRecord = {
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
};

test('prices are written to the last digit and times as ISO', () => {
  expect(JSON.parse(recordToJson(record))).toMatchObject({
    id: record.id,
    createdAt: '2026-11-22T10:00:00.123Z',
    usage: { input: 1 },
    receipt: { lines: [{ meter: 'input', quantity: 1, price: '9007199254740993' }] },
    attempts: [{ status: 200 }],
  });
});

test('what a client sends cannot be refused by jsonb: NULs and half pairs are taken out, long texts are cut', () => {
  const hostile = {
    ...record,
    userAgent: `a\0b\ud800${'x'.repeat(600)}`,
    flags: ['c\0'],
    attempts: [{ outcome: 'd\0' }],
  };
  const written = JSON.parse(recordToJson(hostile));
  expect(written.userAgent).toMatch(/^ab\ufffdx+$/);
  expect(written.userAgent.length).toBeLessThanOrEqual(512);
  expect(written.flags).toEqual(['c']);
  expect(written.attempts).toEqual([{ outcome: 'd' }]);
});

test.each([
  ['plain text', 'plain text'],
  ['the escape \\u0000 as text', 'the escape \\u0000 as text'],
  ['a path C:\\users\\udo', 'a path C:\\users\\udo'],
  ['a whole pair \u{1f680} stays', 'a whole pair \u{1f680} stays'],
  ['a low half \udc00', 'a low half \ufffd'],
  ['\0', ''],
  ['x'.repeat(513), 'x'.repeat(512)],
  [`${'x'.repeat(511)}\u{1f680}`, `${'x'.repeat(511)}\ufffd`],
])('of %o is kept %o, in every text of a record', (sent, kept) => {
  const attempts = [{ outcome: sent, status: 200 }, { status: 0 }];
  const texts = { requestId: sent, upstreamId: sent, origin: sent, endUser: sent, errorCode: sent };
  const written = JSON.parse(recordToJson({ ...record, ...texts, flags: [sent], attempts }));
  for (const name of Object.keys(texts)) expect(written[name]).toBe(kept);
  expect(written.flags).toEqual([kept]);
  expect(written.attempts).toEqual([{ outcome: kept, status: 200 }, { status: 0 }]);
});

test('what is null is left out, such as the receipt of a generation that was not charged', () => {
  expect(JSON.parse(recordToJson({ ...record, receipt: null }))).not.toHaveProperty('receipt');
});
